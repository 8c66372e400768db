"""The report as one HTML file: contracts × targets, each cell opening its evidence.

No address in it is fetched: style, script and data are inline, and texts of a vendor are put
there as text, never as markup.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = Any
SHELL = Path(__file__).with_name("matrix.html")
SHORT = {"held": "held", "broken": "broken", "excused": "excused", "stale": "stale",
         "vacuous": "vacuous", "untestable": "untest.", "inconclusive": "unclear",
         "not applicable": "n/a", "not run": "not run", "error": "error"}  # fmt: skip


def html(report: Json) -> str:
    """Return the page."""
    text = json.dumps({**report, "short": SHORT}, separators=(",", ":"))
    # A vendor's text may hold `</script>` or `<!--`: neither may end or open anything here.
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return SHELL.read_text(encoding="utf-8").replace("/*REPORT*/null", safe, 1)
