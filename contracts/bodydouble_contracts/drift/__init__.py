"""Drift: the vendor's document, its recorded traffic and the emulator as three witnesses."""
