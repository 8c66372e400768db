"""Drivers make requests and record what happens; none of them judges."""
