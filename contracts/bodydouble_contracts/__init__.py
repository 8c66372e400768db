"""The judge: one set of contracts, run against the emulator, another mock or the real vendor.

It speaks HTTP to a base URL and reads `openapi/` and `fixtures/`. It never imports `bodydouble`.
"""

CATALOGUE_VERSION = "1.0.0"
"""Of all contracts. Major: one got stricter. Minor: one was added. Patch: wording."""
