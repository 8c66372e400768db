"""Money in integers: how amounts are written, and the double-entry ledger."""
