"""`python -m docs.site [FOLDER]`: stage, generate, build strictly, and refuse what is fetched.

A link to no page or heading, a picture that is not there, and anything that a reader's browser
would fetch from elsewhere ends it with status 1 and one line for each.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import yaml

from docs.site import generated, pages, reading

FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*?\bsrc=[\"']?(?:https?:)?//[^\s\"'>]+"
    r"|<link\b(?![^>]*rel=[\"']?canonical)[^>]*?\bhref=[\"']?(?:https?:)?//[^\s\"'>]+"
    r"|@import[^;]*//[^;]+|url\([\"']?(?:https?:)?//[^)]+"
)
# Zensical is strict about links to pages; this is about pictures, files, and what it overlooks.
INNER = re.compile(r"<(?:img\b[^>]*?\bsrc|a\b[^>]*?\bhref)=[\"']?(?!\w+:|#)([^\s\"'>#?]+)")


def build(work: Path) -> Path:
    """Build the site below a folder that is made anew; return where. SystemExit if it cannot."""
    shutil.rmtree(work, ignore_errors=True)
    (work / "docs").mkdir(parents=True)
    nav, texts = stage(work / "docs")
    config = yaml.safe_load((pages.DOCS / "site" / "config.yaml").read_text(encoding="utf-8"))
    # Docstrings are read from the checkout, wherever the site is built.
    python = config["plugins"][1]["mkdocstrings"]["handlers"]["python"]
    python["paths"] = [str(pages.ROOT / folder) for folder in ("emulator", "contracts")]
    (work / "mkdocs.yml").write_text(yaml.safe_dump({**config, "nav": nav}), encoding="utf-8")
    zensical = Path(sys.executable).with_name("zensical")
    words = [str(zensical), "build", "--strict", "--clean", "-f", str(work / "mkdocs.yml")]
    built = subprocess.run(words, capture_output=True, text=True, check=False, cwd=work)
    if built.returncode:
        raise SystemExit(built.stdout + built.stderr)
    site = work / "html"
    reading.write(site, nav, texts)
    if wrong := sorted(set(faults(site))):
        raise SystemExit("\n".join(wrong))
    return site


def stage(docs: Path) -> tuple[list[dict[str, object]], dict[str, str]]:
    """Lay out all pages and what they show; return the navigation and the texts by path."""
    texts: dict[str, str] = {}
    files: set[str] = set()
    for place, text in pages.written():
        texts[place], led_to = pages.relinked(text, place)
        files |= led_to
    for place, text in generated.pages():
        if place in texts:
            raise SystemExit(f"{place} is written and generated")
        texts[place] = text
    for picture in (*pages.DOCS.glob("*.png"), pages.DOCS / "schemathesis.toml"):
        shutil.copy(picture, docs)
    for name in files:
        copy = docs / pages.copy_of(name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pages.ROOT / name, copy)
    for place, text in texts.items():
        (docs / place).parent.mkdir(parents=True, exist_ok=True)
        (docs / place).write_text(text, encoding="utf-8")
    shown = [place for place in texts if not place.startswith("reference/contracts/")]
    return pages.navigation([*shown, "reference/contracts/index.md"]), texts


def faults(site: Path) -> Iterator[str]:
    """Yield what a reader's browser would fetch from elsewhere, and what is linked and missing."""
    for path in sorted(site.rglob("*")):
        if path.suffix not in (".html", ".css"):
            continue
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(site).as_posix()
        yield from (f"{place}: fetches {found[0][:120]}" for found in FETCHED.finditer(text))
        # The page of what is not there is shown at any address, so its links begin at the root.
        for found in INNER.finditer(text) if place != "404.html" else ():
            target = path.parent / unquote(found[1])
            if not (target.is_file() or (target / "index.html").is_file()):
                yield f"{place}: leads to {found[1]}, which is not there"


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else pages.ROOT / "build" / "site"
    print(f"{build(where.resolve()) / 'index.html'}")
