"""The site for programs: `llms.txt`, all text in one file, and each page as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docs.site.pages import opening, title

ABOUT = (
    "An emulator of paid AI-video APIs for development and tests: same addresses, errors, money, "
    "webhooks and playable videos, under a clock that you move. Nothing it does costs anything."
)


def index(nav: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> str:
    """`llms.txt`: each page of the navigation with its first sentence."""
    lines = ["# bodydouble", "", f"> {ABOUT}", ""]
    lines += ["Start with [for agents](for-agents.md). Everything in one file: llms-full.txt."]
    for entry in nav:
        for name, places in entry.items():
            if isinstance(places, list):
                lines += ["", f"## {name}", ""]
                lines += [_line(place, texts[place]) for place in places]
    return "\n".join(lines) + "\n"


def whole(nav: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> str:
    """`llms-full.txt`: the pages of the navigation, one after another."""
    places: list[str] = []
    for entry in nav:
        for found in entry.values():
            places += found if isinstance(found, list) else [found]
    return "\n".join(f"<!-- {place} -->\n\n{texts[place]}" for place in places)


def write(site: Path, nav: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> None:
    """Lays all of it beside the site's pages."""
    (site / "llms.txt").write_text(index(nav, texts), encoding="utf-8")
    (site / "llms-full.txt").write_text(whole(nav, texts), encoding="utf-8")
    for place, text in texts.items():
        (site / place).write_text(text, encoding="utf-8")


def _line(place: str, text: str) -> str:
    said = opening(text)
    return f"- [{title(text)}]({place})" + (f": {said}" if said else "")
