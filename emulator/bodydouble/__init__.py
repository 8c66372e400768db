"""Bodydouble stands in for paid AI-video APIs and costs nothing.

This file only names the version. It imports nothing, so that `import bodydouble` stays free for
everybody who merely has the pytest plugin installed.
"""

__version__ = "0.1.0"
