"""pytest: one item per contract and target, and a fixture for users' own suites.

Only pytest is imported until an item or a fixture is really used, so that installing the judge
costs other people's test runs nothing. Items appear only with `--contracts-target`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("contracts", "contracts of a vendor's API")
    group.addoption(
        "--contracts-target",
        action="append",
        default=[],
        metavar="[NAME=]TARGET[/PROVIDER]",
        help="judge a target: emulator, module:app or a URL; /provider limits it to one vendor, "
        "or names a profile file",
    )
    group.addoption(
        "--contracts-tier", default="E", metavar="TIER", help="how far to go: 0, 1, 2, 3 or E"
    )
    group.addoption(
        "--contracts-outside",
        action="store_true",
        help="the targets are no emulators of ours: no control plane, keys from the environment",
    )


def targets_of(config: pytest.Config) -> list[tuple[str, str, str]]:
    """Return name, target and provider of every target asked for. Raises pytest.UsageError."""
    out = []
    for spec in config.getoption("--contracts-target"):
        name, _, rest = spec.rpartition("=")
        target, provider = split(rest)
        out.append((name or ("emulator" if target == EMULATOR else target), target, provider))
    return out


EMULATOR = "bodydouble.asgi:app"


def split(spec: str) -> tuple[str, str]:
    """Split `target/provider`; a URL's own slashes stay its own. A profile file is a path."""
    head, slash, tail = spec.rpartition("/")
    if spec.endswith((".yaml", ".yml")):
        target, _, provider = spec.partition("/") if "://" not in spec else (head, slash, tail)
    elif slash and tail and not head.endswith(":/") and "." not in tail and ":" not in tail:
        target, provider = head, tail
    else:
        target, provider = spec, ""
    return (EMULATOR if target == "emulator" else target), provider


def pytest_collection(session: pytest.Session) -> None:
    """Remember the session: items hang from it."""
    session.stash[ITEMS] = []


ITEMS: pytest.StashKey[list[pytest.Item]] = pytest.StashKey()
RUNS: pytest.StashKey[dict[tuple[str, str, str], Any]] = pytest.StashKey()


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Append one item per contract, target and vendor."""
    wanted = targets_of(config)
    if not wanted:
        return
    tier = str(config.getoption("--contracts-tier")).upper()
    if tier not in ("0", "1", "2", "3", "E"):
        raise pytest.UsageError(f"--contracts-tier is 0, 1, 2, 3 or E, not {tier!r}")
    from bodydouble_contracts.judging.catalogue import all_contracts
    from bodydouble_contracts.vendors.checking import ProfileError
    from bodydouble_contracts.vendors.reader import load, names

    for name, target, provider in wanted:
        for vendor in [provider] if provider else names():
            try:
                known = load(vendor).provider
            except ProfileError as error:
                raise pytest.UsageError(str(error)) from error
            for contract in all_contracts():
                items.append(
                    ContractItem.from_parent(
                        session,
                        name=f"{contract.id}[{name}/{known}]",
                        contract=contract.id,
                        target=target,
                        provider=vendor,
                    )
                )


class ContractItem(pytest.Item):
    """One contract for one vendor of one target. The target is driven once, for all of them."""

    def __init__(self, *, contract: str, target: str, provider: str, **kwargs: Any) -> None:
        """Take what is to be judged."""
        super().__init__(**kwargs)
        self.contract, self.target, self.provider = contract, target, provider
        self.add_marker("contracts")

    def runtest(self) -> None:
        """Judge: broken fails, vacuous fails for a MUST, what does not apply is skipped."""
        from bodydouble_contracts.judging.catalogue import find
        from bodydouble_contracts.judging.traces import breach_text

        profile, judgement = judged(self.config, self.target, self.provider, self.contract)
        self.user_properties.append(("verdict", judgement.verdict))
        self.user_properties.append(("count", judgement.count))
        if judgement.verdict in ("not applicable", "not run", "inconclusive", "excused"):
            pytest.skip(f"{judgement.verdict}: {judgement.reason}")
        if judgement.failing(find(self.contract).level_for(profile)):
            if judgement.evidence:
                raise ContractBroken(breach_text(judgement, profile))
            raise ContractBroken(f"{self.contract} {judgement.verdict}: {judgement.reason}")
        if judgement.verdict != "held":
            pytest.xfail(f"{judgement.verdict}: {judgement.reason}")

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Show the sentence and the trace, not our own stack."""
        if isinstance(excinfo.value, ContractBroken):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Say where the item comes from: its target."""
        return self.target, None, self.name


class ContractBroken(AssertionError):
    """A contract that did not hold; the text is for people."""


def judged(config: pytest.Config, target: str, provider: str, contract: str) -> Any:
    """Return profile and judgement of a contract; a target is driven once per session and vendor.

    Raises ContractBroken for a target that cannot be used, with the sentence that says why.
    """
    cache = config.stash.setdefault(RUNS, {})
    tier = str(config.getoption("--contracts-tier")).upper()
    if (target, provider, tier) not in cache:
        cache[target, provider, tier] = driven(config, target, provider, tier)
    found = cache[target, provider, tier]
    if isinstance(found, str):
        raise ContractBroken(found)
    return found[contract]


def driven(config: pytest.Config, target: str, provider: str, tier: str) -> Any:
    """Drive a target; return profile and judgement by contract, or why it cannot be driven."""
    from dataclasses import replace

    from bodydouble_contracts import runs
    from bodydouble_contracts.targets.target import TargetError
    from bodydouble_contracts.vendors.documents import DocumentError
    from bodydouble_contracts.vendors.reader import load

    outside = bool(config.getoption("--contracts-outside"))
    effort = replace(runs.EFFORTS["quick"], outside=outside)
    try:
        made = runs.run(target, [load(provider)], tier=tier, effort=effort)
    except (TargetError, DocumentError) as error:
        return f"{target} was not judged: {error}"
    return {j.contract: (p, j) for p, j in made.judgements()}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of our items."""
    config.addinivalue_line("markers", "contracts: one contract of one vendor (bodydouble)")


@pytest.fixture
def contract_target(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The first target of `--contracts-target`, ready to `send` requests to."""
    wanted = targets_of(request.config)
    if not wanted:
        pytest.skip("no --contracts-target")
    from bodydouble_contracts.targets.addresses import open_target
    from bodydouble_contracts.vendors.reader import load, names

    _, spec, provider = wanted[0]
    # The items may judge the same application later, so it is made as they want it.
    target = open_target(spec, [load(name) for name in ([provider] if provider else names())])
    yield target
    target.close()
