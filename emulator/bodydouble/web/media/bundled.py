"""The clip and the poster that are handed out where nothing can be rendered.

They are ordinary output of the renderer for the plan below; `python -m
bodydouble.web.media.bundled` draws them again into `fixtures/media/`, and composes the chords that
films are heard with.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from bodydouble.core.media.plan import MediaPlan
from bodydouble.data import fixtures_dir

PLAN = MediaPlan(
    width=480,
    height=270,
    fps=24,
    duration_ms=3_000,
    audio=True,
    seed=2,
    prompt='This clip is the same for every job: install the extra "media" for real ones.',
    model="bundled clip",
    label="any job",
)


def bundled_file(suffix: str) -> Path:
    """The bundled file for ``.mp4``, ``.jpg``, ``.webp`` or ``-sheet.jpg``."""
    return fixtures_dir() / "media" / f"bodydouble{suffix}"


def main() -> None:
    """Makes every file again."""
    from bodydouble.web.media.drawing.tone import compose
    from bodydouble.web.media.drawing.worker import serve

    compose()
    kinds = (("video", ".mp4"), ("poster", ".jpg"), ("webp", ".webp"), ("sheet", "-sheet.jpg"))
    for kind, suffix in kinds:
        out = str(bundled_file(suffix))
        serve({"kind": kind, "out": out, "plan": asdict(PLAN), "first": None, "last": None})


if __name__ == "__main__":
    main()
