"""The folder stays within its bounds and touches only what is its own."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from bodydouble.web.media.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path


def name(number: int) -> str:
    """The name of a rendered file."""
    return f"{number:032x}-1.mp4"


def put(cache: Cache, number: int, size: int, used_at: int) -> Path:
    """A file of ``size`` bytes, last used at ``used_at``."""
    part = cache.part(name(number))
    part.write_bytes(b"x" * size)
    path = cache.keep(part, name(number))
    os.utime(path, (used_at, used_at))
    return path


def test_the_longest_unused_file_goes_first_when_bytes_run_out(tmp_path: Path) -> None:
    """Use counts, not age."""
    cache = Cache(tmp_path, max_bytes=250)
    old, young = put(cache, 1, 100, used_at=100), put(cache, 2, 100, used_at=200)
    assert cache.find(name(1)) == old
    put(cache, 3, 100, used_at=300)
    assert old.exists()
    assert not young.exists()


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    """However small they are."""
    cache = Cache(tmp_path, max_bytes=10**9, max_files=3)
    for number in range(6):
        put(cache, number, 1, used_at=100 + number)
    assert len(list(tmp_path.iterdir())) == 3


def test_the_file_just_made_stays_even_if_it_is_too_large(tmp_path: Path) -> None:
    """Somebody is about to read it."""
    cache = Cache(tmp_path, max_bytes=10)
    assert put(cache, 1, 100, used_at=100).exists()


def test_files_of_others_in_a_given_folder_are_left_alone(tmp_path: Path) -> None:
    """The folder is the user's."""
    mine = tmp_path / "holiday.mp4"
    mine.write_bytes(b"x" * 1000)
    cache = Cache(tmp_path, max_bytes=10)
    put(cache, 1, 100, used_at=100)
    cache.close()
    assert mine.exists()


def test_what_a_killed_server_left_half_written_goes_after_an_hour(tmp_path: Path) -> None:
    """A part that is being written now stays."""
    cache = Cache(tmp_path, max_bytes=1000)
    stale, fresh = cache.part(name(1)), cache.part(name(2))
    os.utime(stale, (100, 100))
    put(cache, 3, 1, used_at=100)
    assert not stale.exists()
    assert fresh.exists()


def test_a_folder_of_our_own_goes_with_the_server() -> None:
    """And is made only when it is needed."""
    cache = Cache(None, max_bytes=1000)
    assert cache.find(name(1)) is None
    path = put(cache, 1, 1, used_at=100)
    assert cache.find(name(1)) == path
    cache.close()
    assert not path.parent.exists()


def test_a_folder_of_our_own_that_was_swept_away_is_made_again() -> None:
    """A server outlives the cleaning of the temporary folder."""
    cache = Cache(None, max_bytes=1000)
    path = put(cache, 1, 1, used_at=100)
    shutil.rmtree(path.parent)
    assert cache.find(name(1)) is None
    assert put(cache, 1, 1, used_at=100).exists()
    cache.close()
