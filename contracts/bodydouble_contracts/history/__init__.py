"""What happened, as recorded: exchanges, instants, pointers, masking, cassettes, HAR, traces."""
