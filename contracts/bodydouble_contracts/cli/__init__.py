"""The judge's commands. `app` holds them; both entry points name it."""
