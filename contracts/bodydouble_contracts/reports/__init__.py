"""Reports: one JSON document, and everything else made from it alone."""
