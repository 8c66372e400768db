"""Below the doors there is no wall clock and no chance without a seed; both have one way in.

The few files of the people's floor that need real time are listed with what they use and why; an
entry that is no longer used is refused as well.
"""

import pytest

from tests.architecture import tree
from tests.architecture.purity import foreign_imports, impurities

DOORS = "emulator/bodydouble/web/"
CORE_ALLOWED = frozenset({"pydantic", "pydantic_core", "bodydouble.core"})

EXCUSED: dict[str, tuple[str, frozenset[str]]] = {
    "emulator/bodydouble/testing/serving.py": (
        "an event loop in a test's process keeps its own time when the process's is held",
        frozenset({"time.perf_counter"}),
    ),
}
"""Path to (why it needs real time or chance, the names it may use)."""

BAD_SAMPLES = {
    "now": "import datetime\ndatetime.datetime.now(datetime.UTC)\n",
    "now by another name": "from datetime import datetime as dt\ndt.now()\n",
    "utcnow": "from datetime import datetime\ndatetime.utcnow()\n",
    "time": "import time\ntime.time()\n",
    "time by another name": "from time import time as t\nt()\n",
    "time_ns": "import time as clock\nclock.time_ns()\n",
    "monotonic": "from time import monotonic\nmonotonic()\n",
    "uuid1": "import uuid\nuuid.uuid1()\n",
    "uuid4 as a factory": "from uuid import uuid4\nfield(default_factory=uuid4)\n",
    "urandom": "import os\nos.urandom(8)\n",
    "secrets": "import secrets\nsecrets.token_hex()\n",
    "a secret by name": "from secrets import token_hex\ntoken_hex()\n",
    "global draw": "import random\nrandom.choice([1])\n",
    "global draw by name": "from random import shuffle\nshuffle([1])\n",
    "global seed": "import random\nrandom.seed(4)\n",
    "unseeded generator": "import random\nrandom.Random()\n",
    "generator seeded with nothing": "from random import Random\nRandom(None)\n",
    "system generator": "from random import SystemRandom\nSystemRandom()\n",
}

GOOD_SAMPLES = {
    "a seeded generator": "import random\nrandom.Random(4).choice([1])\n",
    "a clock handed in": "def f(clock): return clock.now() + clock.time()\n",
    "an id made of a seed": "import uuid\nuuid.UUID(int=4)\n",
    "arithmetic on dates": "from datetime import UTC, datetime\ndatetime.fromtimestamp(4, UTC)\n",
    "an annotation": "import random\ndef f(dice: random.Random) -> int: return dice.randrange(4)\n",
}


def indoors() -> list[tuple[str, str]]:
    """The emulator's files that are not doors, as (path, text)."""
    return [file for file in tree.python_files("emulator") if not file[0].startswith(DOORS)]


def test_real_time_and_chance_enter_through_the_doors_alone() -> None:
    files = indoors()
    assert len(files) > 10, "the walk over the tree found next to nothing, so it proves nothing"
    allowed = {path: names for path, (_, names) in EXCUSED.items()}
    findings = [
        finding
        for path, text in files
        for name, finding in impurities(path, text)
        if name not in allowed.get(path, ())
    ]
    assert not findings, "\n".join(findings)


def test_every_excuse_is_argued_belongs_to_the_people_and_is_used() -> None:
    texts = dict(indoors())
    people = ("cli", "testing", "client", "pytest_plugin", "__main__")
    for path, (reason, names) in EXCUSED.items():
        assert len(reason.split()) > 3, f"{path}: say why"
        assert path.removeprefix("emulator/bodydouble/").split("/")[0].split(".")[0] in people
        assert {name for name, _ in impurities(path, texts[path])} >= names, f"{path}: not used"


def test_the_core_imports_the_standard_library_and_pydantic_alone() -> None:
    files = list(tree.python_files("emulator/bodydouble/core"))
    assert len(files) > 5
    assert [f for path, text in files for f in foreign_imports(path, text, CORE_ALLOWED)] == []


def test_a_foreign_import_is_convicted() -> None:
    bad = "import orjson\nfrom bodydouble.web import app\nimport bodydouble.corely\n"
    assert len(foreign_imports("a.py", bad, CORE_ALLOWED)) == 3


@pytest.mark.parametrize("sample", BAD_SAMPLES)
def test_an_impure_sample_is_convicted(sample: str) -> None:
    assert impurities("a.py", BAD_SAMPLES[sample])


@pytest.mark.parametrize("sample", GOOD_SAMPLES)
def test_a_pure_sample_is_not_convicted(sample: str) -> None:
    assert impurities("a.py", GOOD_SAMPLES[sample]) == []
