"""The pure rules: money, time, chance, jobs, limits, and the protocols through which packages meet.

Nothing here performs I/O, reads a wall clock or knows a vendor.
"""
