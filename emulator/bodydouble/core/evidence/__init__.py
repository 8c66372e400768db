"""What a sandbox remembers of its clients: request log, lint findings, and what it all cost."""
