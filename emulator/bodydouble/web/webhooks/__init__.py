"""When something is due, and how a delivery leaves: scheduler, dispatcher, transport, faults."""
