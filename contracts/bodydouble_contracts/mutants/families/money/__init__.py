"""Sabotages of charges, refunds and balances."""
