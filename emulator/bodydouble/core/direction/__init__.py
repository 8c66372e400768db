"""What is to happen on purpose: scenarios, rules, cues, directions, endings and faults, as data."""
