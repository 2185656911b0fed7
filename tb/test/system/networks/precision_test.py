# SPDX-License-Identifier: Apache-2.0
"""docs/reports/precision.md: its numbers are what the device gives, and its page what the script makes of them.

Usage: precision_test.py CASE ROOT EIE. NumPy is Debian's. Exit status 77: the data set is not installed.
"""
import os
import shutil
import subprocess
import sys
import tempfile

CASE, ROOT, EIE = sys.argv[1], *map(os.path.abspath, sys.argv[2:4])
SCRIPT = os.path.join(ROOT, "scripts", "precision")
REPORTS = os.path.join(ROOT, "docs", "reports")


def run(*words, status=0):
    done = subprocess.run([SCRIPT, "--eie", EIE, *words], capture_output=True, text=True, timeout=3000)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stderr


def digits():
    run("--networks", "digits", "--check")


def lenet():
    if not os.path.isdir("/usr/share/datasets/fashion-mnist"):
        print("skipped: dataset-fashion-mnist is not installed")
        sys.exit(77)
    run("--networks", "lenet300", "--check")


def changes_are_found():
    """A number that is not the device's, a page that is not that of the numbers, wrong words."""
    os.mkdir("reports")
    shutil.copy(os.path.join(REPORTS, "precision.md"), "reports")
    shutil.copytree(os.path.join(REPORTS, "precision"), "reports/precision")
    with open("reports/precision/precision.csv", encoding="utf-8") as file:
        rows = file.read()
    row = next(line for line in rows.split("\n") if line.startswith("digits,int16,") and ",a layer," in line)
    right = row.split(",")[7]
    with open("reports/precision/precision.csv", "w", encoding="utf-8") as file:
        file.write(rows.replace(row, row.replace(f",{right},", f",{int(right) - 1},")))
    said = run("--networks", "digits", "--check", "--output", "reports", status=1)
    assert "expected the same: run scripts/precision" in said and f"'right': '{right}'" in said, said
    with open("reports/precision/precision.csv", "w", encoding="utf-8") as file:
        file.write(rows)
    with open("reports/precision.md", "a", encoding="utf-8") as file:
        file.write("And more.\n")
    said = run("--networks", "digits", "--check", "--output", "reports", status=1)
    assert "is not the page of precision.csv" in said, said
    assert "--networks: 'mnist': expected some of digits, lenet300" in run("--networks", "mnist", status=1)
    said = run("--data", "nowhere", status=1)
    assert "--data: nowhere is not there: expected Fashion-MNIST" in said, said


CASES = {"digits": digits, "lenet": lenet, "changes": changes_are_found}
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    CASES[CASE]()
