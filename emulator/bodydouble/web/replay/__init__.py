"""Answers from a cassette instead of from a simulation."""
