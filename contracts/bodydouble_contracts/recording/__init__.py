"""Recording traffic, replaying it, and finding the shortest trace that shows a breach."""
