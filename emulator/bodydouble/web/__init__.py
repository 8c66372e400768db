"""The doors: Starlette, sockets, real time and files. The only room that reads a wall clock."""
