"""What is to happen on purpose: scenarios, rules, cues, directives, endings and faults, as data."""
