"""Real videos for simulated jobs: `files.MediaFiles` renders, keeps and hands out files.

Drawing happens in a process of its own, so the server stays quick and never imports a codec.
Importing this package imports nothing.
"""
