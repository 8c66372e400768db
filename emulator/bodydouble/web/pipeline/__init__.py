"""One request, top to bottom: routing, gates, faults, the reply. Starlette is not needed here."""
