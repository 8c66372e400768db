"""Pictures and films as data: plans, frame sizes, inputs, uploads. Nothing is drawn or decoded."""
