"""Hypothesis state machines, several small ones: drawn walks in a session of their own.

Rules act and record; nothing is asserted and nothing shrinks, because the recorded history is the
artefact. A seed reproduces a walk with the same tree only; the history reproduces always.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import HypothesisWarning
from hypothesis.stateful import run_state_machine_as_test

from bodydouble_contracts.drivers.machines.access_and_pages import Access, Input, Limits, Pages
from bodydouble_contracts.drivers.machines.money_and_life import Life, Machine, Money
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.profile import Profile

# Shares: money and life find most; the others would only dilute them in one machine.
MACHINES: tuple[tuple[type[Machine], int], ...] = (
    (Money, 30),
    (Life, 25),
    (Access, 15),
    (Input, 15),
    (Pages, 10),
    (Limits, 5),
)


def play_machines(
    target: Target, profile: Profile, number: int, count: int, steps: int
) -> Iterator[History]:
    """Yield the histories of `count` drawn scenarios of about `steps` steps, machine by machine."""
    able = [(machine, share) for machine, share in MACHINES if machine.suits(profile)]
    whole = sum(share for _, share in able)
    for machine, share in able:
        found: list[History] = []
        run_machine(
            machine,
            target,
            profile,
            number=number,
            count=max(2, count * share // whole),
            steps=steps,
            found=found,
        )
        yield from found


def run_machine(
    machine: type[Machine],
    target: Target,
    profile: Profile,
    *,
    number: int,
    count: int,
    steps: int,
    found: list[History],
) -> None:
    """Draw scenarios of one machine and append their histories."""
    bound: Any = type(
        machine.__name__,
        (machine,),
        {"target": target, "profile": profile, "number": number, "found": found},
    )
    options = settings(
        max_examples=count,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        run_state_machine_as_test(seed(number)(bound), settings=options)
