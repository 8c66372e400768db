"""What a sandbox shows of itself: that something changed, what differs, how to meet it again."""
