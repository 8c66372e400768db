"""What to type to get an extra of this very copy: the place it came from, until there is a release.

Whether there is one, the metadata say: the classifier that keeps a package index from taking an
upload stands in `pyproject.toml` until the first release. The judge has its own, since neither
imports the other.
"""

from __future__ import annotations

import importlib.metadata
import json
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAME = "bodydouble"
UNPUBLISHED = "Private :: Do Not Upload"
CHECKOUT = Path(__file__).resolve().parents[2]


def install_command(extra: str) -> str:
    """The command that installs ``extra``, never by a bare name that may be somebody else's."""
    place = str(CHECKOUT) if (CHECKOUT / "pyproject.toml").is_file() else f"/path/to/{NAME}"
    words = [f"{place}[{extra}]"]
    try:
        installed = importlib.metadata.distribution(NAME)
    except importlib.metadata.PackageNotFoundError:
        return shlex.join(["pip", "install", *words])
    if UNPUBLISHED not in (installed.metadata.get_all("Classifier") or ()):
        words = [f"{NAME}[{extra}]"]
    elif record := installed.read_text("direct_url.json"):
        words = _origin(json.loads(record), extra)
    return shlex.join(["pip", "install", *words])


def _origin(record: dict[str, object], extra: str) -> list[str]:
    """The words for an origin as an installer records it (PEP 610)."""
    match record:
        case {"url": str(url), "dir_info": {"editable": True}}:
            return ["--editable", f"{unquote(urlsplit(url).path)}[{extra}]"]
        case {"url": str(url), "vcs_info": {"vcs": vcs, "commit_id": commit}}:
            return [f"{NAME}[{extra}] @ {vcs}+{url}@{commit}"]
    return [f"{NAME}[{extra}] @ {record['url']}"]
