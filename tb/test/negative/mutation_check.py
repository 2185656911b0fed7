#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/mutate on a small program: it finds the places that are known, and no others; switched off the program does what it did;
each mutant does what its text says, which another compile of the plain text with that fault tells.

usage: mutation_check.py ROOT CXX. Skipped (77) where Debian's python3-clang-14 is not installed."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT, CXX = sys.argv[1:3]
sys.path.insert(0, os.path.join(ROOT, "scripts"))
try:
    from mutation import build, places, runs, schemata  # noqa: E402
except ImportError as error:
    print(f"skipped: {error}: Debian's python3-clang-14 is not installed")
    sys.exit(77)

PROGRAM = """#include <cstdio>
#include <cstdlib>
template <int N>
struct Sized { int at[N + 1]; };
constexpr int kFive = 2 + 3;
static_assert(kFive > 4, "five");
struct Block {
  int count_ = 7;
  void reset() { count_ = 0; }
};
int clamp(int low, int value) {
  if (value < low && value != -9) {
    value = low;
  }
  return value * 3;
}
int main() {
  Sized<4> sized;
  Block block;
  block.reset();
  for (int k = 0; k < 3; ++k) block.count_ += clamp(k, 2);
  switch (block.count_) {
    case 18: std::printf("eighteen\\n"); break;
    default: std::printf("%d\\n", block.count_);
  }
  std::printf("%d\\n", static_cast<int>(sizeof sized) + clamp(5, 1));
}
"""
# Text of the program, what takes its place: all that there is to find.
KNOWN = {
    ("count_ = 0;", ";"), ("0", "1"),
    ("value < low && value != -9", "value < low || value != -9"), ("value < low && value != -9", "!(value < low && value != -9)"),
    ("value < low && value != -9", "true"), ("value < low && value != -9", "false"),
    ("value < low", "value <= low"), ("value < low", "value >= low"), ("value != -9", "value == -9"), ("9", "0"), ("9", "8"), ("9", "10"),
    ("value = low;", ";"), ("value * 3", "value + 3"), ("3", "0"), ("3", "2"), ("3", "4"),
    ("block.reset();", ";"), ("k < 3", "k <= 3"), ("k < 3", "k >= 3"), ("++k", "--k"),
    ("block.count_ += clamp(k, 2);", ";"), ("block.count_ += clamp(k, 2);", "block.count_ -= clamp(k, 2);"),
    ("clamp(k, 2)", "clamp(2, k)"), ("2", "0"), ("2", "1"), ("2", "3"),
    ("static_cast<int>(sizeof sized) + clamp(5, 1)", "static_cast<int>(sizeof sized) - clamp(5, 1)"),
    ('std::printf("%d\\n", static_cast<int>(sizeof sized) + clamp(5, 1));', ";"), ("clamp(5, 1)", "clamp(1, 5)"), ("5", "0"), ("5", "4"), ("5", "6"), ("1", "0"), ("1", "2"),
}


def compiled(folder, name, text):
    source = os.path.join(folder, name + ".cpp")
    with open(source, "w") as out:
        out.write(text)
    subprocess.run([CXX, "-std=c++17", "-O0", "-w", source, "-o", os.path.join(folder, name)], check=True)
    return os.path.join(folder, name)


def outcome(program, **environment):
    done = subprocess.run(["bash", "-c", "ulimit -t 2 -v 500000; exec \"$0\"", program], capture_output=True, env={**os.environ, **environment})
    return done.returncode, done.stdout


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "plain.cpp"), "w") as out:
            out.write(PROGRAM)
        found = places.Finder(folder, ["plain.cpp"]).parse(os.path.join(folder, "plain.cpp"), ["-std=c++17"]).places.values()
        seen = {(PROGRAM[p.start:p.end], p.text) for p in found}
        assert seen == KNOWN, f"not found: {KNOWN - seen}; found besides: {seen - KNOWN}"
        order = sorted(found)
        mutants = dict(enumerate(order))
        assert not schemata.crosses(order)
        shutil.copy(os.path.join(ROOT, "scripts/mutation/mutant.h"), os.path.join(folder, "eie_mutant.h"))
        switched = compiled(folder, "switched", schemata.rewrite(PROGRAM.encode(), list(mutants.items())).decode())
        plain = compiled(folder, "plain", PROGRAM)
        assert outcome(switched) == outcome(plain) == (0, b"eighteen\n35\n"), outcome(plain)
        # One of each kind against the plain text with the fault.
        kinds = {}
        for number, place in mutants.items():
            kinds.setdefault(place.kind, number)
        for number in kinds.values():
            place = mutants[number]
            other = compiled(folder, "other", PROGRAM[:place.start] + place.text + PROGRAM[place.end:])
            if place.kind == "increment":
                continue  # a loop that ends by overflow: what it does is not defined
            assert outcome(switched, EIE_MUTANT=str(number)) == outcome(other), place
        # The record says which were reached: value = low is, its neighbours in the condition too.
        record = os.path.join(folder, "seen")
        with open(record, "wb") as out:
            out.write(bytes(len(mutants)))
        outcome(switched, EIE_MUTANT_SEEN=record)
        with open(record, "rb") as text:
            assert text.read() == b"\1" * len(mutants)
        # The same draw for the same seed; the lot of a small share holds each file.
        assert build.draw(order, 9, 5) == build.draw(order, 9, 5) != build.draw(order, 9, 6)
        # A journal whose last line was cut off.
        path = os.path.join(folder, "journal")
        runs.Journal(path).add({"mutant": 3, "how": "failed", "by": "x"})
        with open(path, "a") as out:
            out.write('{"mutant": 4, "ho')
        assert list(runs.Journal(path).done) == [3]
        runs.Journal(path).add({"mutant": 5, "how": "survived"})
        assert sorted(runs.Journal(path).done) == [3, 5]
        # Verdicts: caught by a failing test, by the limit of time, and not.
        commands = {"pass": ["true"], "fail": ["sh", "-c", "exit ${EIE_MUTANT:-0}"]}
        facts = {t: {"seconds": 0.0, "seen": [0, 1], "how": "passed"} for t in commands}
        assert runs.judge(1, commands, facts, {}, folder, 60)["by"] == "fail"
        assert runs.judge(0, commands, facts, {}, folder, 60)["how"] == "survived"
        assert runs.judge(2, commands, facts, {}, folder, 60)["how"] == "not reached"
        assert runs.run(["sh", "-c", "while :; do :; done"], folder, {}, 1, 60)[0] == "timeout"
        assert runs.run(["sh", "-c", "kill -SEGV $$"], folder, {}, 5, 60)[0] == "crashed"
    print(f"{len(KNOWN)} places, {len(kinds)} kinds")


main()
