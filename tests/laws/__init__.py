"""The laws of the simulation as state machines, each with its census and the mutants it kills."""
