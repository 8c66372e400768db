"""A history read through a profile: calls, submissions, sightings, expected balances."""
