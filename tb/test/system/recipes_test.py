#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The recipes of CONTRIBUTING.md.

usage: recipes_test.py steps ROOT
       recipes_test.py configuration ROOT CMAKE GENERATOR CXX C [CMAKE_ARGUMENT...]

steps: every file and every name in a step is there, the steps are as many as the recipe says, and the example of a recipe is
known to no file that is neither a step nor a mere user.
configuration: follows that recipe in a copy of the tree: one YAML file and one row, and the build has the configuration.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

RECIPES = ("configuration", "register", "block", "key to the configurations")
# Examples of the recipes, and what may know them without being told of a new one.
REPORTS = "docs/reports/|CHANGELOG|CONTRIBUTING|docs/architecture|hw/rtl/.*sv$|configs/|tb/test/system/recipes_test"
KNOWN = {
    "register": (r"\bkBatches\b|\bBATCHES\b", "docs/registers.md|tb/host/driver.cpp|tb/test/support/fake_device.h|tb/trace/timeline/perfetto.cpp|"
                                             "tb/test/system/tlm/tlm_random_test.cpp"),
    "block": (r"\b[lL]nzd_?[nN]ode\b", "README.md|hw/rtl/|scripts/formal|tb/rtl/formal/|tb/checkers/|tb/test/unit/hw/CMake"),
    # the models and the driver in C that use its value, tests with files and values of their own, what follows from the list
    "key to the configurations": (r"\blook_ahead\b|\bkLookAhead\b",
                                  "tlm/model/|tb/trace/|tb/checkers/|tb/cli/commands/info|tb/examples/|tb/test/|docs/|mkdocs|"
                                  "README|scripts/study_|scripts/formal|scripts/area|tb/layers/report.schema.json|hw/ptr_read.h"),
}


def fail(text):
    sys.exit(f"recipes_test: {text}")


def text_of(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


def recipes(page):
    """Recipe -> (number of files that it states, its steps)."""
    part = page.split("\n## Recipes\n", 1)[-1].split("\n## ", 1)[0]
    found = {}
    for section in part.split("\n### Add a ")[1:]:
        name, text = section.split("\n", 1)
        stated = re.match(r"\n(\d+) files", text)
        steps = re.findall(r"^\d+\. (.*)$", text, re.M)
        if stated is None or not steps:
            fail(f"CONTRIBUTING.md: 'Add a {name}': expected `N files` and steps")
        found[name] = (int(stated.group(1)), steps)
    return found


def check_steps(root, page):
    """What is wrong, a line each."""
    found = recipes(page)
    if tuple(found) != RECIPES:
        yield f"recipes {', '.join(found)}: expected {', '.join(RECIPES)}"
    files = [p for p in root.rglob("*") if p.is_file() and not {"build", ".git"} & set(p.relative_to(root).parts)]
    for name, (stated, steps) in found.items():
        paths = []
        for step in steps:
            quoted = re.findall(r"`([^`]+)`", step)
            paths.append(quoted[0])
            if not (root / quoted[0]).is_file():
                yield f"'Add a {name}': there is no file {quoted[0]}"
                continue
            text = text_of(root, quoted[0])
            for word in quoted[1:]:
                if "/" in word and (root / word).exists():
                    continue
                if not re.search(rf"(?<!\w){re.escape(word.replace('()', '('))}", text):
                    yield f"'Add a {name}': {quoted[0]} has no {word}"
        if len(set(paths)) != stated:
            yield f"'Add a {name}': says {stated} files, and its steps name {len(set(paths))}"
        if name not in KNOWN:
            continue
        example, users = KNOWN[name]
        for file in files:
            path = file.relative_to(root).as_posix()
            if path in paths or re.match(f"{REPORTS}|{users}", path) or file.suffix in (".png", ".npy", ".gz"):
                continue
            if re.search(example, text_of(root, path)):
                yield f"'Add a {name}': {path} knows the example too, and is no step"


def steps(root):
    page = text_of(root, "CONTRIBUTING.md")
    wrong = list(check_steps(root, page))
    if wrong:
        fail("\n  ".join(["CONTRIBUTING.md"] + wrong))
    # A stale recipe is found: a file that went, a name that went, a step that nobody wrote down, a count.
    for old, new, words in (("1. `hw/register_map.h`", "1. `hw/registers.h`", "there is no file hw/registers.h"),
                            ("in `BLOCKS`", "in `PARTS`", "scripts/area has no PARTS"),
                            ("4. `tlm/model/device_model.cpp`: its value, as `case reg::kBatches`.\n", "",
                             "tlm/model/device_model.cpp knows the example too"),
                            ("\n2 files", "\n1 files", "says 1 files, and its steps name 2")):
        if old not in page:
            fail(f"CONTRIBUTING.md has no {old!r}: this test has to be changed with it")
        said = "\n".join(check_steps(root, page.replace(old, new)))
        if words not in said:
            fail(f"{old!r} replaced by {new!r} is not noticed: {said!r}")


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


def must(*command, **options):
    status, out = run(*command, **options)
    if status != 0:
        fail(f"{' '.join(map(str, command))}: status {status}\n{out[-4000:]}")
    return out


# What the generated table says, as the program's engines see it.
SHOW = """#include <cstdio>
#include "tb/cli/compiled_configs.h"
int main() {
  for (const auto& c : eie::tb::compiled_for_hw()) std::printf("%s n_pe %u queue_depth %u\\n", c.name.c_str(), c.n_pe, c.queue_depth);
}
"""


def register_tables(tree, build, cmake):
    """Tables of docs/registers.md that are not those of the map are found, and written again; so is a map that changes."""
    must(cmake, "--build", build, "--target", "eie_regs_gen")
    tool = next(p for p in build.rglob("eie_regs_gen") if p.is_file())
    tables = [sys.executable, tree / "scripts" / "register_tables", tool]
    must(*tables)
    page = tree / "docs" / "registers.md"
    good = page.read_text(encoding="utf-8")
    for old, new, words in (("| 47:32 | look_ahead |", "| 46:32 | look_ahead |", "table registers is not what follows"),
                            ("| act | RW |", "| act | R |", "table memories is not what follows"),
                            ("| +0x10 |", "| +0x18 |", "table counters is not what follows"),
                            ("<!-- table: counters -->\n", "", "table counters: found 0 times, made 1 times")):
        page.write_text(good.replace(old, new), encoding="utf-8")
        status, out = run(*tables)
        if old not in good or status != 1 or words not in out or out.count("\n") != 1:
            fail(f"scripts/register_tables with {new!r}: status {status}: {out}")
        run(*tables, "--write")
        if "counters -->" in old:
            page.write_text(good, encoding="utf-8")
        elif page.read_text(encoding="utf-8") != good:
            fail(f"scripts/register_tables --write leaves {new!r}")


def configuration(root, cmake, generator, cxx, c, arguments):
    with tempfile.TemporaryDirectory(prefix="eie_recipe_") as folder:
        tree, build = pathlib.Path(folder) / "tree", pathlib.Path(folder) / "build"
        shutil.copytree(root, tree, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"), symlinks=True)
        configure = [cmake, "-S", tree, "-B", build, "-G", generator, f"-DCMAKE_CXX_COMPILER={cxx}", f"-DCMAKE_C_COMPILER={c}",
                     "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DEIE_TESTS=OFF", "-DEIE_BENCHMARKS=OFF",
                     "-DEIE_RTL_CONFIGS=", *arguments]
        must(*configure)
        headers = [cmake, "--build", build, "--target", "eie_cfg_headers"]
        must(*headers)
        if (build / "generated" / "cfg" / "recipe.h").exists():
            fail("recipe.h is there before the recipe was followed")

        # Step 1
        text = (tree / "configs" / "eie16.yaml").read_text(encoding="utf-8")
        text = re.sub(r"^name: .*$", "name: recipe", text, flags=re.M)
        text = re.sub(r"^queue_depth: \d+", "queue_depth: 5", text, flags=re.M)
        (tree / "configs" / "recipe.yaml").write_text(text, encoding="utf-8")
        must(*headers)  # configures again by itself
        header = (build / "generated" / "cfg" / "recipe.h").read_text(encoding="utf-8")
        if "struct recipe {" not in header or "kQueueDepth = 5;" not in header:
            fail(f"generated/cfg/recipe.h is not of configs/recipe.yaml:\n{header}")
        show = pathlib.Path(folder) / "show.cpp"
        show.write_text(SHOW, encoding="utf-8")
        must(cxx, "-std=c++17", "-O0", f"-I{tree}", f"-I{build}/generated", show,
             build / "generated" / "compiled" / "compiled_for_hw.cpp", "-o", build / "show")
        table = must(build / "show").splitlines()
        if "recipe n_pe 16 queue_depth 5" not in table or "eie16 n_pe 16 queue_depth 7" not in table:
            fail(f"the table of compiled configurations is {table}")
        if "make_hw_recipe" not in (build / "generated" / "compiled" / "compiled_hw_engines.cpp").read_text(encoding="utf-8"):
            fail("the table of hw engines has no recipe")

        # Step 2: the check asks for it, and is content with it.
        tool = next(p for p in build.rglob("eie_config_gen") if p.is_file())
        keys = [sys.executable, tree / "scripts" / "config_keys", tool]
        status, out = run(*keys)
        if status != 1 or out != "docs/configurations.md: `configs/recipe.yaml` has no row under Shipped\n":
            fail(f"scripts/config_keys without the row: status {status}: {out}")
        page = tree / "docs" / "configurations.md"
        rows = page.read_text(encoding="utf-8")
        page.write_text(rows.replace("| `configs/eie16.yaml` |", "| `configs/recipe.yaml` | 16 | a test |\n| `configs/eie16.yaml` |"),
                        encoding="utf-8")
        must(*keys)

        # What people changed by hand is found, and written again.
        for path, old, new in (("docs/configurations.md", "| 0 to 64 |", "| 0 to 65 |"),
                               ("docs/configurations.md", "expected one of name, n_pe,", "expected one of name,"),
                               ("tb/layers/report.schema.json", '"ecc": {"type": "boolean"}', '"ecc": {"type": "string"}'),
                               ("configs/eie64.yaml", "queue_depth: 7", "queue_depth: 8")):
            good = text_of(tree, path)
            (tree / path).write_text(good.replace(old, new), encoding="utf-8")
            status, out = run(*keys)
            if old not in good or status != 1 or not out.startswith(path) or out.count("\n") != 1:
                fail(f"scripts/config_keys with {new!r} in {path}: status {status}: {out}")
            run(*keys, "--write")
            if path in ("docs/configurations.md", "tb/layers/report.schema.json") and text_of(tree, path) != good:
                fail(f"scripts/config_keys --write leaves {new!r} in {path}")
            (tree / path).write_text(good, encoding="utf-8")

        register_tables(tree, build, cmake)

        # What no hardware can be is refused, with the file and the line.
        bad = tree / "configs" / "recipe.yaml"
        bad.write_text(text.replace("queue_depth: 5", "queue_depth: 0"), encoding="utf-8")
        status, out = run(tool, bad, build)
        if status != 2 or "key 'queue_depth' is 0: expected an integer from 1 to 256" not in out:
            fail(f"eie_config_gen of a bad file: status {status}: {out}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["steps"] and len(sys.argv) == 3:
        steps(pathlib.Path(sys.argv[2]))
    elif sys.argv[1:2] == ["configuration"] and len(sys.argv) >= 7:
        configuration(pathlib.Path(sys.argv[2]), *sys.argv[3:7], sys.argv[7:])
    else:
        sys.exit(__doc__)
