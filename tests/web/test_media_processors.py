"""The same plan gives the same bytes, whatever the processor can do."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import pytest

# One film with sound, one that starts from a picture and ends with one, and a poster.
SCRIPT = """
import ctypes, glob, hashlib, os, sys, tempfile
import av
switch = sys.argv[1]
if switch == "ffmpeg":
    folder = os.path.join(os.path.dirname(os.path.dirname(av.__file__)), "av.libs")
    ctypes.CDLL(glob.glob(folder + "/libavutil*")[0]).av_force_cpu_flags(0)
if switch == "x264":
    from bodydouble.web.media.drawing import encode
    encode._X264 = {**encode._X264, "x264-params": encode._X264["x264-params"] + ":asm=0"}
from bodydouble.core.media.plan import MediaPlan
from bodydouble.web.media.drawing.worker import serve
from bodydouble.web.media.orders import plan_wire
plan = MediaPlan(width=642, height=362, fps=30, duration_ms=2000, audio=True, seed=7,
                 prompt="A lighthouse keeper at dusk", model="m", label="j")
stills = {"first": {"seed": "5"}, "last": {"seed": "6"}}
out = os.path.join(tempfile.mkdtemp(), "x.jpg")
for about in ({"kind": "video"}, {"kind": "video", **stills}, {"kind": "poster"}):
    serve({"out": out, "plan": plan_wire(plan), "first": None, "last": None, **about})
    print(hashlib.sha256(open(out, "rb").read()).hexdigest())
"""


def made(switch: str = "", **environment: str) -> str:
    """The digests of the files, in a fresh process."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, switch],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert len(set(run.stdout.split())) == 3
    return run.stdout


@cache
def usual() -> str:
    return made()


def test_numpy_without_the_features_of_this_processor() -> None:
    """Nor with the kernels that its linear algebra would choose."""
    from numpy._core import _multiarray_umath as numpy  # type: ignore[attr-defined]

    features = [name for name in numpy.__cpu_dispatch__ if numpy.__cpu_features__.get(name)]
    assert made(NPY_DISABLE_CPU_FEATURES=" ".join(features), OPENBLAS_CORETYPE="Nehalem") == usual()


@pytest.mark.skipif(sys.platform != "linux", reason="the wheel's libraries lie elsewhere")
def test_ffmpeg_without_instructions_of_any_processor() -> None:
    """Scaling, sound and container in plain C."""
    assert made("ffmpeg") == usual()


def test_x264_without_assembly() -> None:
    """It promises the same bits."""
    assert made("x264") == usual()
