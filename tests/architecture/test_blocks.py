"""Every code block of the documentation says what is done to it, and so cannot stand untried."""

from tests.docs.blocks import CHECKED, RUN, SHOWN, blocks, pages


def test_every_block_is_of_a_kind_that_something_is_done_to() -> None:
    found = [block for page in pages() for block in blocks(page)]
    known = {*RUN, *CHECKED, *SHOWN}
    bare = [str(one) for one in found if not one.file and one.language not in known]
    assert bare == [], (
        f"say what it is behind the three marks: {', '.join(sorted(known))}, or a title "
        "(`sh` for commands that are not run, `text` for output; see tests/docs/blocks.py)"
    )
