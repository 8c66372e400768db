"""Metrics and traces of a server, where they are asked for; nothing else imports this room."""
