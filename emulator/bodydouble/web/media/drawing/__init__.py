"""What the renderer's process runs: frames, sound and encoding. The server never imports it."""
