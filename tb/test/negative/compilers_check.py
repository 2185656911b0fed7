#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`scripts/check_compilers --hw` finds a warning, an error and a folder that is no SystemC, and writes them into its report.

usage: compilers_check.py ROOT CONFIG_GEN CXX

One compiler, one standard later than that of SystemC's library, so that nothing is linked; a copy of hw/ with a fault in a header.
"""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT, GENERATOR, CXX = sys.argv[1:]
FAULT = "#include <cstdint>\n"


def check(tree, *arguments):
    done = subprocess.run([sys.executable, os.path.join(tree, "scripts", "check_compilers"), "--hw", "--compiler", CXX,
                           "--standard", "20", "--config", "eie4", "--jobs", "2", "--build", os.path.join(tree, "build"), "--report",
                           *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


with tempfile.TemporaryDirectory(prefix="eie_check_") as tree:
    for folder in ("hw", "scripts", "configs"):
        shutil.copytree(os.path.join(ROOT, folder), os.path.join(tree, folder), ignore=shutil.ignore_patterns("rtl", "__pycache__"))
    os.makedirs(os.path.join(tree, "build", "tb"))
    os.makedirs(os.path.join(tree, "docs", "reports"))
    with open(os.path.join(tree, "build", "compile_commands.json"), "w", encoding="utf-8") as file:
        file.write("[]")
    shutil.copy(GENERATOR, os.path.join(tree, "build", "tb", "eie_config_gen"))
    header = os.path.join(tree, "hw", "config.h")
    report = os.path.join(tree, "docs", "reports", "compilers.md")
    with open(header, encoding="utf-8") as file:
        good = file.read()
    assert FAULT in good
    for fault, words in (("inline int narrowed(long value) { return value; }\n", "hw/config.h:"), ("int f(;\n", "error: ")):
        with open(header, "w", encoding="utf-8") as file:
            file.write(good.replace(FAULT, FAULT + fault))
        status, out, _ = check(tree)
        assert status == 1 and words in out, (fault, status, out)
        with open(report, encoding="utf-8") as file:
            assert words in file.read(), fault
    status, out, error = check(tree, "--systemc", os.path.join(tree, "hw"))
    assert status == 1 and "is no SystemC: expected include/sysc/kernel/sc_ver.h" in error, (status, out, error)
print("a warning, an error and a wrong folder were found")
