"""Cassettes: recorded traffic as JSON Lines, one header, one step a line, one last line.

The last line tells a whole cassette from one that was cut. Secrets are masked before a line is
written; `fixtures/cassette.schema.json` describes the form. It refuses to judge what it reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from bodydouble_contracts import CATALOGUE_VERSION
from bodydouble_contracts.history.exchanges import History, Step, step_from_json, step_to_json
from bodydouble_contracts.history.masking import Masker

Json = Any
FORMAT = 2
MAX_CASSETTE_BYTES = 256 * 1024 * 1024
MAX_STEPS = 200_000


class CassetteError(ValueError):
    """A cassette that cannot be used; the text names file, line and what to do."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: where the traffic comes from. `recorded` is ISO 8601 with a zone."""

    provider: str
    source: str
    recorded: str
    driver: str = ""
    scenario: str = ""
    seed: int = 0
    controlled: bool = False
    profile: str = ""
    catalogue: str = CATALOGUE_VERSION
    plan: str = ""
    cost: str = ""
    notes: dict[str, Json] = field(default_factory=dict)
    cassette: int = FORMAT

    @property
    def instant(self) -> datetime:
        """When it was recorded. Raises ValueError for what is no instant with a zone."""
        found = datetime.fromisoformat(self.recorded)
        return found if found.tzinfo else found.replace(tzinfo=UTC)


class Writer:
    """A cassette being written, step by step; every line is flushed."""

    def __init__(self, path: Path, header: Header, masker: Masker | None = None) -> None:
        """Write the header. Raises OSError."""
        self.path, self.masker, self.count = path, masker or Masker(), 0
        self._file: IO[str] = path.open("w", encoding="utf-8")
        self._line(asdict(header))

    def add(self, step: Step) -> None:
        """Write one step, masked."""
        self.count += 1
        self._line(step_to_json(self.masker.step(step)))

    def close(self) -> None:
        """Write the last line, which says that nothing is missing."""
        if not self._file.closed:
            self._line({"end": self.count})
            self._file.close()

    def _line(self, data: Json) -> None:
        self._file.write(json.dumps(data, separators=(",", ":")) + "\n")
        self._file.flush()


def header_of(history: History, *, recorded: str = "", **more: Json) -> Header:
    """Return a header for a history; `recorded` is now unless given."""
    stamp = recorded or datetime.now(UTC).isoformat(timespec="seconds")
    return Header(
        provider=history.provider,
        source=history.target,
        recorded=stamp,
        driver=history.driver,
        scenario=history.scenario,
        seed=history.seed,
        controlled=history.controlled,
        **more,
    )


def write_cassette(path: Path, history: History, header: Header, masker: Masker) -> None:
    """Write a whole history."""
    writer = Writer(path, header, masker)
    for step in history.steps:
        writer.add(step)
    writer.close()


def read_cassette(path: Path) -> tuple[Header, History]:
    """Read a cassette. Raises CassetteError in one sentence."""
    try:
        if path.stat().st_size > MAX_CASSETTE_BYTES:
            raise CassetteError(f"the cassette {path} is over 256 MiB: record less at a time")
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise CassetteError(f"the cassette {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CassetteError(f"{path} is no cassette: it is not UTF-8 text") from error
    header = _header(path, lines[0])
    return header, _history(path, header, lines[1:])


def _header(path: Path, line: str) -> Header:
    try:
        data = json.loads(line)
        if "cassette" in data and data["cassette"] != FORMAT:
            raise CassetteError(
                f"{path} is a cassette of format {data['cassette']!r}, and this version reads "
                f"format {FORMAT}: record it again"
            )
        header = Header(**data)
        header.instant  # noqa: B018 - a header without an instant has no age
    except CassetteError:
        raise
    except (ValueError, TypeError, AttributeError) as error:
        told = str(error).splitlines()[0]
        raise CassetteError(f"{path} does not begin like a cassette: {told}") from error
    return header


def _history(path: Path, header: Header, lines: Iterable[str]) -> History:
    steps: list[Step] = []
    ended = False
    for number, line in enumerate(lines, 2):
        if not line:
            continue
        try:
            data = json.loads(line)
            if "end" in data:
                ended = data["end"] == len(steps)
                break
            steps.append(step_from_json(data))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CassetteError(
                f"{path} is cut or damaged in line {number}: record it again, or keep only what "
                "lies before"
            ) from error
        if len(steps) > MAX_STEPS:
            raise CassetteError(f"{path} has more than {MAX_STEPS} steps: record less at a time")
    if not ended:
        raise CassetteError(
            f"{path} is cut: its last line is missing after {len(steps)} steps; record it again"
        )
    return History(
        header.provider, header.source, header.driver, header.scenario, header.seed,
        header.controlled, tuple(steps), {"recorded": header.recorded, **header.notes},
    )  # fmt: skip
