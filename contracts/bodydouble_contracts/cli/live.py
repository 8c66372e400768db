"""`run --live PROVIDER --budget AMOUNT --plan FILE`: all three, or nothing leaves the machine.

It gathers keys, checks hosts and amounts, opens the journal, and turns an outcome into a report,
a cassette and an exit code. What it refuses it refuses before anything is sent.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from bodydouble_contracts.history.cassettes import header_of, write_cassette
from bodydouble_contracts.history.masking import Masker
from bodydouble_contracts.live.guard import Guard
from bodydouble_contracts.live.journal import Journal, default_journal
from bodydouble_contracts.live.passage import Caps
from bodydouble_contracts.live.plan import Plan, plan_hash, read_plan
from bodydouble_contracts.live.run import Outcome, run_live
from bodydouble_contracts.reports.document import Column
from bodydouble_contracts.targets.http import Url
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load
from bodydouble_contracts.vendors.variants import from_outside, profile_hash

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
PACE_FLOOR_MS, POLL_FLOOR_MS = 250, 1_000
"""Beyond loopback nobody is asked more often, whatever a plan says."""
FORBIDDEN_EVENTS = frozenset({"pull_request", "pull_request_target"})


class LiveRefused(ValueError):
    """A live run that may not begin; the text says why. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for. Amounts are decimal text in the profile's currency."""

    provider: str
    budget: str
    plan: Path | None
    upstream: str = ""
    day: str = ""
    account: str = ""
    journal: Path | None = None
    cassette: Path | None = None
    live_keys: bool = False


def amount(profile: Profile, text: str, name: str) -> int:
    """Return an amount in the profile's smallest unit. Raises LiveRefused; rounds nothing."""
    money = profile.section("money").get("currency", "")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise LiveRefused(f"{name} is an amount such as 2.00 ({money}), not {text!r}") from error
    units = value.scaleb(profile.scale) if value.is_finite() else Decimal(-1)
    if units < 0 or units != units.to_integral_value():
        raise LiveRefused(
            f"{name} is an amount of at most {profile.scale} decimals ({money}), not {text!r}"
        )
    return int(units)


def keys_of(profile: Profile, plan: Plan, host: str, permitted: bool) -> dict[str, str]:
    """Return the keys of the plan's roles from the environment. Raises LiveRefused."""
    wanted = {"main" if r == "scheme" else r for r in plan.roles} | {"main"}
    found: dict[str, str] = {}
    for name, role in profile.roles.items():
        value = os.environ.get(role.env, "").strip()
        # Two roles may share a variable: the first one, in the profile's order, owns the key.
        if name in wanted and value and value not in found.values():
            found[name] = value
    if "main" not in found:
        raise LiveRefused(f"a live run needs a key: set {profile.roles['main'].env}")
    prefixes = tuple(profile.section("key").get("live_prefixes", []))
    alive = [r for r, k in found.items() if prefixes and k.startswith(prefixes)]
    if alive and host not in LOOPBACK and not permitted:
        raise LiveRefused(
            f"the key of {alive[0]} looks like one with real money behind it: use a test key, or "
            "say --live-keys if the account is a small prepaid one"
        )
    return found


def base_url(profile: Profile, upstream: str) -> tuple[str, str]:
    """Return base URL and host name. Raises LiveRefused for a host that is not the vendor's."""
    base = (upstream or profile.host).rstrip("/")
    parts = urlsplit(base)
    host = parts.hostname or ""
    allowed = {urlsplit(profile.host).hostname} | set(profile.section("live").get("hosts", []))
    if parts.scheme not in ("http", "https") or parts.query or parts.username:
        raise LiveRefused(f"--upstream is a URL such as {profile.host}, not {upstream!r}")
    if host not in LOOPBACK and host not in allowed:
        names = ", ".join(sorted(str(a) for a in allowed))
        raise LiveRefused(f"{host} is no host of {profile.title}: allowed are {names} and loopback")
    if host not in LOOPBACK and parts.scheme != "https":
        raise LiveRefused(f"{base} would carry a key in clear text: only https leaves the machine")
    if host not in LOOPBACK and os.environ.get("GITHUB_EVENT_NAME") in FORBIDDEN_EVENTS:
        raise LiveRefused("a pull request never runs against a vendor: use a schedule")
    return base, host


def live(wanted: Wanted, tell: Callable[[str], None]) -> tuple[Outcome, Column, Path | None]:
    """Run, settle, record. Raises LiveRefused, PlanError, ProfileError or JournalError before
    anything is sent; afterwards everything is in the outcome."""
    if not (wanted.provider and wanted.budget and wanted.plan):
        raise LiveRefused(
            "a live run wants all three of --live PROVIDER, --budget AMOUNT and --plan FILE: "
            "nothing was sent"
        )
    known = load(wanted.provider)
    profile = from_outside(known)
    plan = read_plan(wanted.plan, known)
    base, host = base_url(profile, wanted.upstream)
    cap = amount(profile, wanted.budget, "--budget")
    keys = keys_of(profile, plan, host, wanted.live_keys)
    started = datetime.now(UTC)
    # Names of two runs never meet: idempotency keys are made of them.
    run = f"{started:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    caps = Caps(
        run=cap,
        request=cap,
        day=amount(profile, wanted.day, "--day-budget") if wanted.day else cap,
        account=amount(profile, wanted.account, "--account-budget") if wanted.account else None,
    )
    pace = plan.pace_ms if host in LOOPBACK else max(plan.pace_ms, PACE_FLOOR_MS)
    poll = plan.poll_ms if host in LOOPBACK else max(plan.poll_ms, POLL_FLOOR_MS)
    journal = Journal(wanted.journal or default_journal(), run)
    target = Url(base)
    guard = Guard(target, profile, journal, caps, {v: r for r, v in keys.items()},
                  frozenset({host}), pace_s=pace / 1000)  # fmt: skip
    guard.deadline = guard.clock() + plan.minutes_max * 60
    try:
        with interruptible():
            journal.write("opened", f"{profile.provider}/{host}", amount=profile.amount(cap))
            out = run_live(guard, with_poll(plan, poll), keys, tell)
    finally:
        target.close()
        journal.close()
    cassette = wanted.cassette or Path(f"live-{profile.provider}-{run}.jsonl")
    written = record(out, known, plan, keys, cassette) if out.history.steps else None
    return out, column(out, known, profile, host), written


def with_poll(plan: Plan, poll_ms: int) -> Plan:
    """Return the plan with another distance between polls."""
    from dataclasses import replace

    return replace(plan, poll_ms=poll_ms)


@contextmanager
def interruptible() -> Iterator[None]:
    """Make a request to terminate an interruption like ctrl-c, which settles first."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread: whoever owns it also owns its signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def record(out: Outcome, profile: Profile, plan: Plan, keys: dict[str, str], path: Path) -> Path:
    """Write the cassette of a live run, masked."""
    masker = Masker()
    for role, value in keys.items():
        masker.learn(value, role)
    header = header_of(
        out.history,
        profile=profile_hash(profile),
        plan=plan_hash(plan),
        cost=profile.amount(out.cost),
        notes={"ended": masker.text(out.ended), "left_out": len(out.left_out)},
    )
    write_cassette(path, out.history, header, masker)
    return path


def column(out: Outcome, known: Profile, profile: Profile, host: str) -> Column:
    """Return a report's column for a live run, with everything a reader must know."""
    notes = [f"ended early: {out.ended}"] if out.ended else []
    notes += [f"left out: {text}" for text in out.left_out[:10]]
    if len(out.left_out) > 10:
        notes.append(f"and {len(out.left_out) - 10} more steps left out")
    notes += [f"STILL RUNNING and not cancelled: job {job}" for job in out.running]
    for s in out.statements:
        if s.agrees is None:
            notes.append(f"{s.account}: booked {profile.amount(s.booked)}, balance not read")
        elif s.booked or s.fell:
            word = "agrees" if s.agrees else "DISAGREES"
            notes.append(
                f"{s.account}: booked {profile.amount(s.booked)}, the balance fell by "
                f"{profile.amount(s.fell or 0)}: {word}"
            )
    return Column(
        id=f"live/{known.provider}@{host}",
        kind="live",
        profile=known,
        judgements=out.judgements,
        exchanges=len(out.history.exchanges),
        sessions=1,
        cost=profile.amount(out.cost),
        notes=notes,
    )


def run(wanted: Wanted, written: dict[str, Path | None], strict: bool, excuses: Path | None) -> int:
    """Run live, print the report, and return the exit code."""
    import typer

    from bodydouble_contracts.cli import commands
    from bodydouble_contracts.cli import exit_codes as codes
    from bodydouble_contracts.reports.document import Head

    out, made, cassette = live(wanted, lambda text: typer.echo(text, err=True))
    tier = out.history.scenario.removeprefix("tier ")
    head = Head(f"{made.id} (live)", tier, made=commands.now(), strict=strict)
    report = commands.publish(head, commands.excused([made], excuses), written)
    if cassette is not None:
        typer.echo(f"wrote {cassette}", err=True)
    code = commands.exit_code(report)
    return codes.INCONCLUSIVE if code == codes.HELD and not out.whole else code
