"""Sabotages of who may do what, how often, and under which idempotency key."""
