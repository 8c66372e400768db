"""Hypothesis state machines that act like clients and record; none of them judges."""
