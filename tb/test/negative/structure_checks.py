#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_structure and check_links find each thing that they are for, and nothing in a tree without faults.

usage: structure_checks.py ROOT
"""
import os
import subprocess
import sys
import tempfile

ROOT = sys.argv[1]
GOOD = {
    "hw/pe.h": '#include "sram.h"\n',
    "hw/sram.h": "#pragma once\n",
    "tlm/axi/eie_hw.h": '#include "hw/pe.h"\n',
    "tlm/model/core.h": '#include "hw/config.h"\n',
    "hw/config.h": "#pragma once\n",
    "tb/support/error.h": "#pragma once\n",
    "tb/host/driver.h": '#include "tb/support/error.h"\n#include "tlm/model/core.h"\n',
    "tb/cli/main.cpp": '#include "tb/host/driver.h"\n#include "cfg/generated.h"\n',
    "tb/test/a_test.cpp": '#include "tb/cli/main.h"\n#include "tb/host/driver.h"\n',
    "docs/index.md": "# Index\n\n[Page](page.md#a-part-of-it)\n",
    "docs/page.md": "# Page\n\n## A `part` of it\n\n[up](index.md), [tree](../tb/host/driver.h)\n\n    [code](nowhere.md)\n\n"
                    "`tb/host/driver.h`, `tb/test/my_test.cpp`, `hw/rtl/NAME.sv`\n",
    "mkdocs.yml": "nav: [index.md, page.md]\n",
}


def check(script, changes):
    """What `script` prints and its status, on the good tree with some files changed."""
    with tempfile.TemporaryDirectory(prefix="eie_structure_") as tree:
        for path, text in {**GOOD, **changes}.items():
            if text is None:
                continue
            os.makedirs(os.path.join(tree, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(tree, path), "w") as file:
                file.write(text)
        done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", script), tree], capture_output=True, text=True)
        assert done.stderr == "", done.stderr
        return done.stdout, done.returncode


def finds(script, words, changes):
    out, status = check(script, changes)
    assert status == 1 and words in out and out.count("\n") == 1, (script, words, out, status)


for name in ("check_structure", "check_links"):
    assert check(name, {}) == ("", 0), check(name, {})
structure, links = "check_structure", "check_links"
finds(structure, "tb/host/driver.h:2: includes tb/cli/program.h, which is above it",
      {"tb/host/driver.h": '\n#include "tb/cli/program.h"\n', "tb/cli/program.h": "\n"})
finds(structure, "hw/pe.h:1: includes tb/support/error.h, which is above it", {"hw/pe.h": '#include "tb/support/error.h"\n'})
finds(structure, "tlm/model/core.h:1: includes hw/pe.h, which is above it", {"tlm/model/core.h": '#include "hw/pe.h"\n'})
finds(structure, "tlm/dma.h:1: includes tb/support/error.h", {"tlm/dma.h": '#include "tb/support/error.h"\n'})
finds(structure, 'expected "tb/host/device.h": from the root',
      {"tb/host/driver.h": '#include "device.h"\n', "tb/host/device.h": "\n"})
finds(structure, "include cycle: tb/host/a.h -> tb/host/b.h -> tb/host/a.h",
      {"tb/host/a.h": '#include "tb/host/b.h"\n', "tb/host/b.h": '#include "tb/host/a.h"\n'})
finds(structure, "tb/host/long.cpp: 501 lines, expected at most 500", {"tb/host/long.cpp": "\n" * 501})
finds(structure, "tb/support: 17 source files, expected at most 16", {f"tb/support/f{k}.h": "\n" for k in range(16)})
finds(structure, "tb/host/driver.h:1: includes tb/attic/x.h, which is above it",
      {"tb/host/driver.h": '#include "tb/attic/x.h"\n', "tb/attic/x.h": "\n"})
finds(structure, "tb/host/b.h:2: defines eie::tb::Verdict, as tb/cli/a.h:2 does: expected one type of a name",
      {"tb/cli/a.h": "namespace eie::tb {\nstruct Verdict {\n", "tb/host/b.h": "namespace eie::tb {\nclass Verdict final : public A {\n",
       "tb/host/c.h": "namespace eie::host {\nstruct Verdict {\n", "tb/test/d.h": "namespace eie::tb {\nstruct Verdict {\n",
       "tb/host/e.h": "namespace eie::tb {\nstruct Verdict;\n"})
finds(links, "docs/page.md:1: leads to docs/gone.md, which does not exist", {"docs/page.md": "## A part of it [x](gone.md)\n",
                                                                         "docs/index.md": "[Page](page.md)\n"})
finds(links, "docs/index.md:1: leads to a heading 'other' that docs/page.md does not have", {"docs/index.md": "[Page](page.md#other)\n"})
finds(links, "docs/index.md: does not name docs/lost.md", {"docs/lost.md": "# Lost\n", "mkdocs.yml": None})
finds(links, "mkdocs.yml: does not name docs/page.md", {"mkdocs.yml": "nav: [index.md]\n"})
finds(links, "CHANGELOG.md:1: names tlm/dma.h, which does not exist", {"CHANGELOG.md": "`tlm/dma.h`\n"})
print("every fault was found")
