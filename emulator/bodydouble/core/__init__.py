"""The pure rules: money, time, chance, jobs, limits, and the words rooms meet through.

Nothing here performs I/O, reads a wall clock or knows a vendor.
"""
