"""The SQLite store: one file, one writer at a time; what a process knows of it, and its commits."""
