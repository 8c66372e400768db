"""JOB: a link gives the film that was ordered, and each job a film of its own."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.links import opened
from bodydouble_contracts.reading.films import Film, decoded, told
from bodydouble_contracts.reading.links import shows_links
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile

SECONDS_APART, SHARE_APART = 0.2, 0.05
"""How far a length may be from the one that was ordered: so many seconds, or such a share."""


def ordered(profile: Profile) -> int:
    """Return 1 where links are shown, and the profile says what film an order gives."""
    return int(bool(shows_links(profile) and profile.section("links").get("film")))


@contract(
    "JOB-29",
    "film-as-ordered",
    source="each vendor's create page",
    needs=("hosted",),
    about=ordered,
    census=1,
)
def job_29(view: View, tally: Tally) -> None:
    """The film behind a link is as long, as large and as audible as it was ordered.

    Of the profile's order for links: as its boxes say and, where PyAV is installed, as decoded.
    """
    wanted = view.profile.section("links").get("film", {})
    body = view.profile.section("links").get("body") or view.profile.sample().body
    mine = {s.job for s in view.submissions if s.accepted and s.call.body == body}
    for one in opened(view, "result") if wanted else ():
        reply = one.call.x.reply
        whole = reply is not None and reply.status == 200 and not reply.cut and not one.part
        if one.look.id not in mine or reply is None or not whole or reply.body[4:8] != b"ftyp":
            continue
        seen = decoded(reply.body)
        if isinstance(seen, str):
            tally.check(False, "a film that plays", seen, one.look.call, one.call)
        for film in (told(reply.body), seen):
            if isinstance(film, Film):
                wrong = differences(film, wanted)
                tally.check(not wrong, f"{wanted}", ", ".join(wrong), one.look.call, one.call)


def differences(film: Film, wanted: dict[str, object]) -> list[str]:
    """Return what of a film is not as ordered."""
    out = []
    if film.seconds is not None and isinstance(long := wanted.get("seconds"), int | float):
        room = max(SECONDS_APART, SHARE_APART * long)
        out += [f"{film.seconds:.2f} s"] if abs(film.seconds - long) > room else []
    for name in ("width", "height"):
        size = getattr(film, name)
        out += [f"{name} {size}"] if size and wanted.get(name, size) != size else []
    if film.width and film.height and isinstance(ratio := wanted.get("ratio"), str):
        across, down = map(float, ratio.split(":"))
        near = abs(film.width / film.height - across / down) <= 0.05 * across / down
        out += [] if near else [f"{film.width} x {film.height}"]
    if film.fps and isinstance(rate := wanted.get("fps"), int | float):
        out += [f"{film.fps:.1f} frames a second"] if abs(film.fps - rate) > 1 else []
    if film.sound is not None and wanted.get("sound", film.sound) != film.sound:
        out.append("sound" if film.sound else "no sound")
    return out


@contract("JOB-30", "a-film-each", needs=("hosted",), about=shows_links, census=1)
def job_30(view: View, tally: Tally) -> None:
    """Two jobs' links give two films.

    Byte for byte; whole replies of different jobs, ordered without a seed of their own.
    """
    films: dict[bytes, str] = {}
    for one in opened(view, "result"):
        reply = one.call.x.reply
        if reply is None or reply.status != 200 or reply.cut or one.part or len(reply.body) < 64:
            continue
        first = films.setdefault(reply.body, one.look.id)
        if len(films) > 1 or first != one.look.id:
            told_ = f"the film of {first}" if first != one.look.id else "its own"
            tally.check(first == one.look.id, "a film of its own", told_, one.look.call, one.call)
