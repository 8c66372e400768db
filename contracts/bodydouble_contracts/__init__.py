"""The judge: one set of contracts, run against the emulator, another mock or the real vendor.

It speaks HTTP to a base URL and reads `openapi/` and `fixtures/`. It never imports `bodydouble`.
"""
