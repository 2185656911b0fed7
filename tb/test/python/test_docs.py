# SPDX-License-Identifier: Apache-2.0
"""Examples: those of docstrings and of docs/python.md, and the notebook."""
import doctest
import importlib
import json
import os
import pkgutil
import subprocess
import sys

import eie
import pytest
from conftest import PROGRAM, SOURCE

NOTEBOOK = os.path.join(SOURCE, "docs", "notebooks", "cycles.ipynb")
MODULES = ["eie"] + [f"eie.{module.name}" for module in pkgutil.iter_modules(eie.__path__) if module.name != "_eie"]


def test_examples_of_docstrings():
    examples = 0
    for name in MODULES:
        done = doctest.testmod(importlib.import_module(name))
        assert done.failed == 0, name
        examples += done.attempted
    assert examples >= 20


def test_what_is_public_has_a_docstring_of_its_own():
    for name in eie.__all__:
        value = getattr(eie, name)
        if name.startswith("__") or name in ("Error", "DeviceError"):
            continue
        assert value.__doc__ and not value.__doc__.startswith(f"{name}("), name


def test_examples_of_the_page(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIE_PROGRAM", PROGRAM)
    done = doctest.testfile(os.path.join(SOURCE, "docs", "python.md"), module_relative=False, encoding="utf-8", optionflags=doctest.ELLIPSIS)
    assert done.failed == 0 and done.attempted >= 10


def cells():
    with open(NOTEBOOK, encoding="utf-8") as text:
        notebook = json.load(text)
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_the_notebook_runs(monkeypatch, tmp_path):
    """As a script: its cells one after the other, and what its plot shows."""
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    names = {}
    for source in cells():
        exec(compile(source, NOTEBOOK, "exec"), names)
    axes = names["figure"].axes[0]
    shown = {line.get_label(): list(line.get_ydata()) for line in axes.get_lines()}
    expected = {}
    for row in names["table"]:
        expected.setdefault(f"{row['n_pe']} PEs", []).append(row["cycles"])
    assert len(expected) >= 2 and {name: shown[name] for name in expected} == expected
    assert all(row["golden_match"] for row in names["table"])


def test_the_notebook_in_jupyter(tmp_path):
    for module in ("nbconvert", "ipykernel", "matplotlib"):
        pytest.importorskip(module)
    if not os.path.exists("/usr/share/jupyter/kernels/python3/kernel.json"):
        pytest.skip("there is no kernel of Debian's Python")
    done = subprocess.run([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", str(tmp_path), NOTEBOOK],
                          env={**os.environ, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with open(tmp_path / "cycles.ipynb", encoding="utf-8") as text:
        notebook = json.load(text)
    outputs = [output for cell in notebook["cells"] if cell["cell_type"] == "code" for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert [output for output in outputs if "image/png" in output.get("data", {})]


def test_the_notebook_is_committed_without_outputs():
    with open(NOTEBOOK, encoding="utf-8") as text:
        notebook = json.load(text)
    assert [cell for cell in notebook["cells"] if cell.get("outputs")] == []
