"""A wrong profile is refused in one sentence with file and line, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bodydouble_contracts.cli.app import app
from bodydouble_contracts.reports.profile_keys import page
from bodydouble_contracts.vendors.checking import ProfileError, schema
from bodydouble_contracts.vendors.reader import load, names

TOY = Path(__file__).parents[1] / "toy.yaml"


def spoiled(folder: Path, old: str, new: str) -> tuple[Path, int]:
    """Write the toy's profile with one text replaced; return the file and the line it was on."""
    text = TOY.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the toy's profile"
    path = folder / "spoiled.yaml"
    path.write_text(text.replace(old, new))
    return path, text.partition(old)[0].count("\n") + 1


WRONG = [
    ("mount: ", "muont: ", "there is no key 'muont' in the profile: did you mean 'mount'?"),
    ("  cancel: [yes, toy.py]", "  cancle: [yes, toy.py]", "capability 'cancle' in capabilities"),
    ("  cancel: [yes, toy.py]", "  cancel: [maybe, toy.py]", "may be yes or no or unknown"),
    ("  cancel: [yes, toy.py]", "  cancel: yes", "where the schema wants array"),
    ("scale: 2", "scale: two", "money.scale is 'two', where the schema wants integer"),
    ("waiting: queued", "waiting: dreaming", "may be queued or running or"),
    ("    path: /api/wallet", "    pth: /api/wallet", "no key 'pth' in operations.balance"),
    ("    path: /api/wallet", "    path: api/wallet", "operations.balance.path is 'api/wallet'"),
    ("file, poster: /still", "file, psoter: /still", "nobody asks for a place 'psoter'"),
    ("mount: ", "document: no_such\nmount: ", "there is no file"),
    ("mount: ", "document: no_such.yaml\nmount: ", "spoiled.yaml, line 6: there is no file"),
    ("conditional, from: loud", "conditional, from: lout", "there is no sample 'lout'"),
    ("kind: conditional", "kind: odd", "may be listed or missing or"),
    ("name: oak_short_only", "name: voice_missing", "a second one is called 'voice_missing'"),
    ("revoked: true", "revoked: true, colour: red", "no key 'colour' in roles.revoked.key"),
    ("window_s: 60", "window_s: 60, window_s: 61", "'window_s' stands here a second time"),
    ("{cost: \"[0-9]+\"", "{cost: \"[0-9\"", "is no regular expression"),
    ("    path: /api/wallet", "    open_to: [nobody]\n    path: /api/wallet", "no role 'nobody'"),
    ("text: {member: text}", "text: {member: /text/0}", "no sample has a text at '/text/0'"),
    ("balance, toy.py", "balance", "this is no YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG[:-1], ids=[w[2] for w in WRONG[:-1]])
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path, line = spoiled(tmp_path, old, new)
    with pytest.raises(ProfileError) as caught:
        load(str(path))
    told = str(caught.value)
    assert told.startswith(f"{path}, line {line}: ")
    assert said in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "this is no YAML"),
        ("a: 1\nb: [", "this is no YAML"),
        ("- a", "line 1: a profile is a mapping of keys, not a list"),
        ("", "a profile is a mapping of keys, not nothing"),
        ("provider: x", "line 1: the profile lacks the key"),
        ("a: &a {b: *a}", "an anchor stands within itself"),
    ],
)
def test_a_file_that_is_no_profile_is_one_clear_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(ProfileError, match=said):
        load(str(path))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileError, match="no UTF-8"):
        load(str(path))


def test_keys_that_are_merged_in_may_be_overridden(tmp_path: Path) -> None:
    path = tmp_path / "merged.yaml"
    text = TOY.read_text()
    assert "  revoked: {account: main, key: {revoked: true}}" in text
    path.write_text(
        text.replace(
            "  revoked: {account: main, key: {revoked: true}}",
            """  revoked:
    <<: &dead {account: main, key: {revoked: true}}
    account: other
  revoked_too: {<<: *dead}""",
        )
    )
    roles = load(str(path)).roles
    assert (roles["revoked"].account, roles["revoked_too"].account) == ("other", "main")
    assert roles["revoked"].dead


def test_an_unknown_vendor_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match="smartlyq"):
        load("toyco")


@pytest.mark.parametrize("dropped", ["codes: [not_yours]", "text: look again", "field: seconds"])
def test_a_refusal_says_how_it_is_told_from_others(tmp_path: Path, dropped: str) -> None:
    path = tmp_path / "spoiled.yaml"
    row = "  - {name: seconds_listed, kind: listed, from: short, set: {seconds: 5}, status: 422, "
    text = TOY.read_text()
    first = next(line for line in text.splitlines() if line.startswith(row))
    path.write_text(text.replace(first, row + dropped + "}"))
    assert load(str(path)).refusals
    path.write_text(text.replace(first, row.rstrip(", ") + "}"))
    load.cache_clear()
    with pytest.raises(ProfileError, match="nothing tells the refusal 'seconds_listed' from any"):
        load(str(path))


def test_an_operation_that_submits_and_has_no_sample_is_refused(tmp_path: Path) -> None:
    path, line = spoiled(
        tmp_path, "operations:\n", "operations:\n  also: {does: submit, method: POST, path: /x}\n"
    )
    with pytest.raises(ProfileError, match=f"line {line + 1}: also submits|lacks at.id"):
        load(str(path))


def test_the_command_line_says_it_once_ends_with_two_and_writes_nothing(tmp_path: Path) -> None:
    path, line = spoiled(tmp_path, "mount: ", "muont: ")
    out = tmp_path / "plan.json"
    for command in (["run", "-p", str(path)], ["plan", str(path), "--out", str(out)]):
        told = CliRunner().invoke(app, command)
        assert told.exit_code == 2, told.output
        assert f"line {line}: there is no key 'muont'" in told.output
        assert len(told.output.strip().splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize("name", names())
def test_every_capability_says_who_says_so(name: str) -> None:
    assert all(c.source for c in load(name).capabilities.values())


def test_the_page_of_keys_is_the_schemas_own() -> None:
    path = Path(__file__).parents[3] / "docs" / "profile.md"
    told = CliRunner().invoke(app, ["profile-keys"])
    assert told.exit_code == 0
    assert path.read_text("utf-8") == page() == told.output, (
        "write docs/profile.md anew: bodydouble-contracts profile-keys > docs/profile.md"
    )


def test_every_key_that_the_schema_knows_stands_on_the_page() -> None:
    told = page()
    known = set(schema()["properties"]) | set(schema()["$defs"]["operation"]["properties"])
    known |= set(schema()["properties"]["capabilities"]["properties"])
    assert [k for k in known if f"`{k}`" not in told and f".{k}`" not in told] == []


def test_every_key_of_the_schema_is_described() -> None:
    def bare(node: object, where: str) -> list[str]:
        if isinstance(node, list):
            return [w for n, v in enumerate(node) for w in bare(v, f"{where}[{n}]")]
        if not isinstance(node, dict):
            return []
        out = []
        for name, value in node.get("properties", {}).items():
            if "description" not in value and "$ref" not in value:
                out.append(f"{where}.{name}")
        return out + [w for k, v in node.items() for w in bare(v, f"{where}.{k}")]

    assert not bare(schema(), "")
