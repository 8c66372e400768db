"""Runs against a real vendor, within a budget."""
