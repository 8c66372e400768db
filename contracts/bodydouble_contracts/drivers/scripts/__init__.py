"""The scripts of the directed driver, by theme."""
