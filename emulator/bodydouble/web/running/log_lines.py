"""Lines of the log in one form, ours, uvicorn's and everybody else's: as text, or as JSON.

What cannot be printed is written out, so that no message forges a line or steers a terminal, and
secrets it was told are hidden. What the lines say is their writers' affair.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from asyncio import CancelledError
from typing import Any

from bodydouble.core.evidence.masking import hide


def plain(text: str) -> str:
    """``text`` on one line, with nothing in it that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def instant(seconds: float) -> str:
    """``2026-11-27T04:05:06.789Z``, of real time."""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


class Lines(logging.Formatter):
    """Formats records: a line each, and in text a traceback's lines behind a bar of their own."""

    def __init__(self, *, as_json: bool = False, secrets: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._as_json = as_json
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        told: dict[str, Any] = {
            "time": instant(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": self._masked(record.getMessage()),
        }
        if record.exc_info:
            told["exception"] = self._masked(self.formatException(record.exc_info))
        if self._as_json:
            return json.dumps(told)
        text = "\n".join(filter(None, (told["message"], told.get("exception"))))
        first, *rest = text.split("\n")
        head = f"{record.levelname} {record.name}: {plain(first)}"
        return "\n".join((head, *(f"  | {plain(line)}" for line in rest)))

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = hide(text, secret)
        return text


def _tells(record: logging.LogRecord) -> bool:
    """Not what is cut at a server's end: that it is, uvicorn says in a line of its own."""
    return not (record.exc_info and isinstance(record.exc_info[1], CancelledError))


def configure_logs(log_format: str, level: str, secrets: tuple[str, ...] = ()) -> None:
    """Has this process write its log to stderr in our form, unless somebody set up another."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(as_json=log_format == "json", secrets=secrets))
    handler.addFilter(_tells)
    logging.basicConfig(handlers=[handler])
    logging.getLogger("bodydouble").setLevel(level.upper())
