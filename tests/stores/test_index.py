"""The memory store's index is a sorted list, whatever comes late and whatever leaves first."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.stores import shelf
from understudy.stores.shelf import Index

STEPS = st.lists(
    st.tuples(st.sampled_from([True, False, False, False]), st.integers(0, 300)),
    min_size=40,
    max_size=120,
)


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "_SHORT", 4)
        patch.setattr(shelf, "_LATE_MAX", 5)
        patch.setattr(shelf, "_GONE_MAX", 3)
        yield


def played(steps: list[tuple[bool, int]]) -> tuple[int, int]:
    """Plays steps on an index and on a list; gives how many were late and how many joined."""
    index, late, joined = Index(), 0, 0
    wanted: list[tuple[int, str]] = []
    for leaves, number in steps:
        before = len(index.late)
        if leaves and wanted:
            gone = wanted.pop(0 if number % 2 else number % len(wanted))
            index.remove(gone)
        elif (number, str(number)) not in wanted:
            wanted.append((number, str(number)))
            wanted.sort()
            index.place((number, str(number)))
            late += len(index.late) > before
            joined += len(index.late) < before
        assert [*index.walk(False)] == wanted
        assert [*index.walk(True)] == wanted[::-1]
        assert len(index) == len(wanted)
        assert index.first() == (wanted[0] if wanted else None)
    return late, joined


def test_an_index_is_a_sorted_list() -> None:
    seen = [0, 0]

    @given(STEPS)
    def law(steps: list[tuple[bool, int]]) -> None:
        late, joined = played(steps)
        seen[0] += late
        seen[1] += joined

    law()
    assert min(seen) > 20, f"late and joined were {seen}: the law was hardly put to the test"
