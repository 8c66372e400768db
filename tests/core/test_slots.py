"""How an account uses its slots is counted by group, and a group nobody uses is forgotten."""

from bodydouble.core.slots import SlotUse, use_of, used


def test_groups_are_counted_apart_and_forgotten_when_they_are_empty() -> None:
    use: SlotUse = ()
    use = used(use, "b", held=1)
    use = used(use, "a", without=2)
    assert use == (("a", 0, 2), ("b", 1, 0))
    assert (use_of(use, "a"), use_of(use, "b"), use_of(use, "c")) == ((0, 2), (1, 0), (0, 0))
    use = used(use, "a", held=1, without=-1)
    assert use_of(use, "a") == (1, 1)
    assert used(used(use, "b", held=-1), "a", held=-1, without=-1) == ()
