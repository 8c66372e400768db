"""The core's rules applied to one sandbox inside one transaction; no vendor, no store."""
