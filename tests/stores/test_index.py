"""The memory store's index is a sorted list, wherever something comes or leaves."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bodydouble.stores import contents
from bodydouble.stores.contents import Index

LEAVES = st.sampled_from([True, True, False, False, False])
STEPS = st.lists(st.tuples(LEAVES, st.integers(0, 300)), min_size=40, max_size=120)


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "_CHUNK", 3)
        yield


def played(steps: list[tuple[bool, int]]) -> tuple[int, int]:
    """Plays steps on an index and on a list; gives how many chunks split and how many went."""
    index, split, went = Index(), 0, 0
    wanted: list[tuple[int, str]] = []
    for leaves, number in steps:
        before = len(index.chunks)
        if leaves and wanted:
            index.remove(wanted.pop(0 if number % 2 else number % len(wanted)))
            went += len(index.chunks) < before
        elif (number, str(number)) not in wanted:
            middle = bool(wanted) and (number, str(number)) < wanted[-1]
            wanted.append((number, str(number)))
            wanted.sort()
            index.place((number, str(number)))
            split += middle and len(index.chunks) > before
        assert [*index.walk(False)] == wanted
        assert [*index.walk(True)] == wanted[::-1]
        assert len(index) == len(wanted)
        assert index.first() == (wanted[0] if wanted else None)
        assert [*Index(wanted).walk(False)] == wanted
    return split, went


def test_an_index_is_a_sorted_list() -> None:
    seen = [0, 0]

    @given(STEPS)
    def law(steps: list[tuple[bool, int]]) -> None:
        split, went = played(steps)
        seen[0] += split
        seen[1] += went

    law()
    assert min(seen) > 20, f"split and went were {seen}: the law was hardly put to the test"
