"""How much all sandboxes of this process keep together, counted from what each says of itself.

Only a store within the process keeps anything there: what lies in a file or in Redis weighs
nothing. Who makes room, and who is refused, is the registry's.
"""

from __future__ import annotations

from collections.abc import Mapping

HELD_BYTES_MAX = 2 * 1024 * 1024 * 1024


class Held:
    """Bytes by sandbox and sort; ``bytes`` is their sum."""

    def __init__(self, *, within_process: bool) -> None:
        self.bytes = 0
        self._within = within_process
        self._weights: dict[str, dict[str, int]] = {}

    @property
    def full(self) -> bool:
        """Whether that is more than a process keeps."""
        return self.bytes > HELD_BYTES_MAX

    def weigh(self, sandbox: str, weights: Mapping[str, int]) -> None:
        """Notes what a sandbox keeps now of these sorts."""
        if not self._within:
            return
        known = self._weights.setdefault(sandbox, {})
        self.bytes += sum([size - known.get(sort, 0) for sort, size in weights.items()])
        known.update(weights)

    def forget(self, sandbox: str) -> None:
        """It is gone."""
        self.bytes -= sum(self._weights.pop(sandbox, {}).values())
