"""Exit codes of every command of the judge."""

HELD, BROKEN, USAGE, OURS, INCONCLUSIVE = 0, 1, 2, 3, 4
