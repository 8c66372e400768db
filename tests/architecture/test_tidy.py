"""The house is tidy, and every rule about that convicts a sample that breaks it."""

import pytest

from tests.architecture import tidy, tree

PYTHON_TOPS = ("emulator", "contracts", "tests", "examples")

BAD_SAMPLES: dict[str, tuple[tidy.Rule, str, str]] = {
    "long file": (tidy.long_file, "emulator/a.py", '"""A."""\n' + "x = 1\n" * 300),
    "vague module": (tidy.vague_name, "emulator/bodydouble/utils.py", '"""A."""\n'),
    "vague folder": (tidy.vague_name, "emulator/common/money.py", '"""A."""\n'),
    "silent file": (tidy.no_opening, "emulator/a.py", "x = 1\n"),
    "empty opening": (tidy.no_opening, "emulator/a.py", '"""  """\nx = 1\n'),
    "promise": (tidy.unfinished, "a.py", "# TO" + "DO: later\n"),
    "stub": (tidy.unfinished, "a.py", "raise NotImplemented" + "Error\n"),
    "home path": (tidy.machine_path, "a.md", "see /ho" + "me/ann/notes\n"),
    "windows path": (tidy.machine_path, "a.md", "see C:\\Us" + "ers\\ann\n"),
    "registry": (tidy.registry_host, "a.toml", 'url = "https://py' + 'pi.org/simple"\n'),
    "long function": (tidy.long_function, "a.py", "def f():\n" + "    x = 1\n" * 60),
    "long async function": (tidy.long_function, "a.py", "async def f():\n" + "    x = 1\n" * 60),
    "greedy function": (tidy.many_positionals, "a.py", "def f(a, b, c, d, e, g): ...\n"),
    "greedy method": (
        tidy.many_positionals,
        "a.py",
        "class A:\n    def f(self, a, b, c, d, e, g): ...\n",
    ),
}

GOOD_SAMPLE = '''"""It keeps every rule and cites https://example.com/home/page."""


class Keeper:
    def keep(self, a: int, b: int, c: int, d: int, e: int, *, named: int) -> int:
        """Sixty lines of explanation would not make it long."""
        return a + b + c + d + e + named
'''


@pytest.mark.parametrize("rule", tidy.PYTHON_RULES, ids=lambda rule: rule.__name__)
def test_every_python_file_keeps_the_rule(rule: tidy.Rule) -> None:
    files = list(tree.python_files(*PYTHON_TOPS))
    assert len(files) > 10, "the walk over the tree found next to nothing, so it proves nothing"
    findings = [finding for path, text in files for finding in rule(path, text)]
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("rule", tidy.TEXT_RULES, ids=lambda rule: rule.__name__)
def test_every_text_file_keeps_the_rule(rule: tidy.Rule) -> None:
    files = list(tree.text_files())
    assert {"Makefile", "pyproject.toml", ".ci/run"} <= {path for path, _ in files}
    findings = [finding for path, text in files for finding in rule(path, text)]
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("sample", BAD_SAMPLES)
def test_a_bad_sample_is_convicted(sample: str) -> None:
    rule, path, text = BAD_SAMPLES[sample]
    assert len(rule(path, text)) == 1


def test_a_good_sample_passes_every_rule() -> None:
    rules = (*tidy.PYTHON_RULES, *tidy.TEXT_RULES)
    assert [found for rule in rules for found in rule("emulator/keeper.py", GOOD_SAMPLE)] == []


def test_every_rule_has_a_bad_sample() -> None:
    convicted = {rule for rule, _, _ in BAD_SAMPLES.values()}
    assert convicted == {*tidy.PYTHON_RULES, *tidy.TEXT_RULES}


def test_at_most_three_files_are_excused_from_the_length_limit_and_all_need_it() -> None:
    texts = dict(tree.python_files(*PYTHON_TOPS))
    assert len(tidy.LONG_FILES) <= 3
    for path, reason in tidy.LONG_FILES.items():
        assert len(reason.split()) > 3, f"{path}: say why it is long"
        assert len(texts[path].splitlines()) > tidy.FILE_LINES_MAX, f"{path}: no longer needed"
