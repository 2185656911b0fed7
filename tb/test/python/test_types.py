# SPDX-License-Identifier: Apache-2.0
"""Types, as mypy sees them: of the package, and of a program that uses it."""
import os
import subprocess
import sys

import eie
import pytest

pytest.importorskip("mypy")

GOOD = """
from typing import List
import numpy as np
from numpy.typing import NDArray
import eie

result: eie.Result = eie.run(np.eye(4), np.ones(4), config=eie.Config("eie4", n_pe=2), engine="tlm", queue_depth=3)
outputs: NDArray[np.float64] = result.outputs
cycles: int = result.report.cycles + result.report.work.entries
layers: List[eie.Report] = result.report.layers
labels: NDArray[np.int64] = eie.Network([eie.Layer(np.eye(4))]).predict(np.eye(4))
names: List[str] = [config.name for config in eie.sweep(["eie4"], np.eye(4), np.ones(4)).configs]
"""
BAD = ["eie.run(np.eye(4))", "eie.run(np.eye(4), np.ones(4), relu='yes', jobs='2')", "text: str = eie.run(np.eye(4), np.ones(4)).report.cycles",
       "eie.run(np.eye(4), np.ones(4)).report.work.entries.x", "eie.Layer()", "eie.Config(3)", "eie.Nothing"]


def mypy(*words):
    folder = os.path.dirname(os.path.dirname(os.path.abspath(eie.__file__)))
    return subprocess.run([sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--cache-dir", os.devnull, *words],
                          env={**os.environ, "MYPYPATH": folder}, capture_output=True, text=True, check=False)


def test_the_package_is_typed():
    done = mypy("-p", "eie")
    assert done.returncode == 0, done.stdout + done.stderr


def test_programs_are_checked(tmp_path):
    good = tmp_path / "good.py"
    good.write_text(GOOD)
    done = mypy(str(good))
    assert done.returncode == 0, done.stdout + done.stderr
    bad = tmp_path / "bad.py"
    bad.write_text("import numpy as np\nimport eie\n" + "\n".join(BAD) + "\n")
    done = mypy(str(bad))
    found = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert found == set(range(3, 3 + len(BAD))), done.stdout
