"""From a secret to its sandbox, and what a new sandbox may start with."""
