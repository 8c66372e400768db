"""Sabotages of the life of a job: its states, its ending, its links and its times."""
