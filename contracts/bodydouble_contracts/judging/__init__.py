"""From contracts and histories to verdicts."""
