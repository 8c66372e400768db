"""Sabotages of webhooks: whether they arrive, and what stands in them."""
