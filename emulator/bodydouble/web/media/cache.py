"""Rendered files in one folder, bounded by bytes and by number; the longest unused go first.

A file appears whole or not at all. Several servers may share the folder; nothing in it that is
not named like a rendered file is ever touched. It knows nothing of what the files show.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path

FILES_MAX = 512
_OURS = re.compile(r"[0-9a-f]{32}(-[a-z0-9]+)*\.(mp4|jpg)")
_PART = re.compile(r"[0-9a-f]{32}.*\.part")
_STALE_S = 3600.0


class Cache:
    """Files by name in ``folder``, or in a folder of our own that goes when we go."""

    def __init__(self, folder: Path | None, max_bytes: int, max_files: int = FILES_MAX) -> None:
        self._given = folder
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._max_bytes = max_bytes
        self._max_files = max_files

    @property
    def folder(self) -> Path:
        """The folder, made on first use."""
        if self._given is not None:
            self._given.mkdir(parents=True, exist_ok=True)
            return self._given
        if self._own is None:
            self._own = tempfile.TemporaryDirectory(
                prefix="bodydouble-media-", ignore_cleanup_errors=True
            )
        folder = Path(self._own.name)
        # Systems sweep their temporary folders while servers run.
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def find(self, name: str) -> Path | None:
        """The file called ``name``, now the most recently used; None if it is not there."""
        if self._given is None and self._own is None:
            return None
        path = self.folder / name
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def part(self, name: str) -> Path:
        """Where to write the file that is to become ``name``; nobody else writes there."""
        handle, path = tempfile.mkstemp(prefix=f"{name}.", suffix=".part", dir=self.folder)
        os.close(handle)
        return Path(path)

    def keep(self, part: Path, name: str) -> Path:
        """The finished ``part`` becomes ``name``; older files go if there is no more room."""
        path = self.folder / name
        part.replace(path)
        self._trim(keep=path)
        return path

    def close(self) -> None:
        """Removes the folder if it is our own."""
        own, self._own = self._own, None
        if own is not None:
            own.cleanup()

    def _trim(self, keep: Path) -> None:
        found = []
        for entry in os.scandir(self.folder):
            with suppress(OSError):
                stat = entry.stat()
                if _PART.fullmatch(entry.name):
                    # Left behind by a server that was killed in the middle of a file.
                    if time.time() - stat.st_mtime > _STALE_S:
                        Path(entry.path).unlink()
                elif _OURS.fullmatch(entry.name):
                    found.append(
                        (entry.path == str(keep), stat.st_mtime_ns, stat.st_size, entry.path)
                    )
        found.sort(reverse=True)
        held_bytes = 0
        for place, (newest, _, size, path) in enumerate(found):
            held_bytes += size
            if not newest and (held_bytes > self._max_bytes or place >= self._max_files):
                with suppress(OSError):
                    Path(path).unlink()
