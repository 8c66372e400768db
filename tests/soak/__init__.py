"""What takes too long for every landing: `make soak` runs it, bounded, and prints one verdict."""
