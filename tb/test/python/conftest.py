# SPDX-License-Identifier: Apache-2.0
"""What the tests of the package have in common. ctest sets PYTHONPATH, EIE_PROGRAM_OF_BUILD and EIE_SOURCE."""
import json
import os
import subprocess

import numpy as np
import pytest

SOURCE = os.environ["EIE_SOURCE"]
PROGRAM = os.environ["EIE_PROGRAM_OF_BUILD"]


def layer(rows=60, columns=40, density=0.2, seed=1, dtype=np.float32):
    """A sparse matrix and activations."""
    random = np.random.default_rng(seed)
    weights = random.standard_normal((rows, columns)) * (random.random((rows, columns)) < density)
    return weights.astype(dtype), np.maximum(random.standard_normal(columns), 0)


def shared_layer(rows=60, columns=40, seed=1):
    """A layer that loses nothing: 15 values, all numbers exact in fixed point."""
    random = np.random.default_rng(seed)
    values = np.array([k / 8 for k in range(-7, 9) if k != 0])
    weights = random.choice(values, (rows, columns)) * (random.random((rows, columns)) < 0.2)
    return weights, random.integers(0, 8, columns) / 8


def without_time(value):
    """A report without what differs from run to run, and from Python to the command line."""
    if isinstance(value, dict):
        return {k: without_time(v) for k, v in value.items() if k not in ("host_seconds", "options", "inputs")}
    return [without_time(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def program(tmp_path):
    """Calls the program in a folder of its own and returns its report."""

    def call(*words):
        done = subprocess.run([PROGRAM, *words, "--json", "report.json"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        with open(tmp_path / "report.json", encoding="utf-8") as text:
            return json.load(text)

    return call
