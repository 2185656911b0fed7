#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Readers and writers that others wrote find in a dump what the program has written: fst2vcd and vcd2fst of GTKWave, sigrok-cli.

Usage: waves_other_readers.py EIE. Exit status 77: what it needs is not installed."""
import os
import shutil
import subprocess
import sys
import tempfile

PERIOD = 1250  # ps


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def read_vcd(file):
    """Per full name its kind and width; per name its changes as (time, value), without leading zeros; and the last time."""
    variables, names, changes, scope, time = {}, {}, {}, [], None
    with open(file, encoding="ascii") as lines:
        for line in lines:
            words = line.split()
            if not words:
                continue
            first = words[0]
            if first == "$scope":
                scope.append(words[2])
            elif first == "$upscope":
                scope.pop()
            elif first == "$var":
                name = ".".join(scope + [words[4]])
                variables[name] = (words[1], 0 if words[1] == "string" else int(words[2]))  # a text has no width
                names.setdefault(words[3], []).append(name)
                changes[name] = []
            elif first[0] == "#":
                time = int(first[1:])
            elif first[0] != "$" and time is not None:
                if len(words) == 1:
                    value, code = first[0], first[1:]
                else:
                    value, code = first, words[1]
                    if value[0] == "b":
                        value = value[1:].lstrip("0") or "0"
                        if set(value) == {"x"}:
                            value = "x"
                    elif value[0] == "r":
                        value = float(value[1:])
                for name in names[code]:
                    if not changes[name] or changes[name][-1][1] != value:
                        changes[name].append((time, value))
    return variables, changes, time


def same(first, second, what):
    if first[0] != second[0]:
        odd = sorted(set(first[0].items()) ^ set(second[0].items()))
        raise SystemExit(f"{what}: not the same variables: {odd[:5]}")
    for name, all_changes in first[1].items():
        if all_changes != second[1][name]:
            pairs = zip(all_changes + [None], second[1][name] + [None])
            at = next(pair for pair in pairs if pair[0] != pair[1])
            raise SystemExit(f"{what}: {name}: expected {at[0]}, seen {at[1]}")
    count = sum(len(c) for c in first[1].values())
    if count < 10000:
        raise SystemExit(f"{what}: only {count} changes: expected a dump of a layer")
    print(f"{what}: {len(first[0])} variables, {count} changes are the same")


def check_sigrok(eie):
    """A sample a cycle of signals of one bit: at a wider value the sigrok of Debian 12 (libsigrok 0.5.2) stops reading."""
    scopes = ["eie.ccu.busy", "eie.ccu.broadcast_valid", "eie.ccu.any_full", "eie.pe_[0-3].act_queue.full",
              "eie.pe_0.spmat_read.entry_valid", "eie.pe_0.arith_unit.valid?_"]
    options = [word for scope in scopes for word in ("--trace-scope", scope)]
    run(eie, "run", "W.csv", "a.csv", "--config", "eie4", "--trace", "bits.vcd", *options)
    variables, changes, last = read_vcd("bits.vcd")
    names = list(variables)
    if len(names) < 10 or any(width != 1 for _, width in variables.values()):
        raise SystemExit(f"bits.vcd: expected ten signals of one bit and more, seen {variables}")
    text = run("sigrok-cli", "-I", f"vcd:skip=0:downsample={PERIOD}", "-i", "bits.vcd", "-O", "csv:header=false:label=off")
    rows = [line.split(",") for line in text.splitlines() if line and line[0] in "01"]
    cycles = last // PERIOD  # from time 0 on
    if cycles < 100 or len(rows) != cycles:
        raise SystemExit(f"sigrok-cli: {len(rows)} samples, expected those of {cycles} cycles")
    ones = 0
    for k, name in enumerate(names):
        value, left = None, list(changes[name])
        for cycle, row in enumerate(rows):
            while left and left[0][0] <= cycle * PERIOD:
                value = left.pop(0)[1]
            if value in ("0", "1") and row[k] != value:
                raise SystemExit(f"sigrok-cli: {name} in cycle {cycle}: expected {value}, seen {row[k]}")
            ones += row[k] == "1"
    if not 0.05 < ones / (len(names) * len(rows)) < 0.95:
        raise SystemExit("sigrok-cli: the samples are nearly all the same")
    print(f"sigrok-cli: {len(names)} signals, {len(rows)} samples are the same")


def main():
    eie = os.path.realpath(sys.argv[1])
    for tool in ("fst2vcd", "vcd2fst", "sigrok-cli"):
        if shutil.which(tool) is None:
            print(f"skipped: {tool} is not there; expected gtkwave and sigrok-cli of Debian")
            return 77
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("W.csv", "w", encoding="ascii") as out:
            for i in range(40):
                out.write(",".join(str(0 if (i * 7 + j * 13) % 3 else i % 5 - j % 7) for j in range(60)) + "\n")
        with open("a.csv", "w", encoding="ascii") as out:
            out.writelines(f"{j % 9 - 4 if j % 4 else 0}\n" for j in range(60))
        for file in ("waves.vcd", "waves.fst"):
            run(eie, "run", "W.csv", "a.csv", "--config", "eie4", "--trace", file)
        vcd = read_vcd("waves.vcd")
        run("fst2vcd", "-f", "waves.fst", "-o", "from_fst.vcd")
        same(vcd, read_vcd("from_fst.vcd"), "waves.fst by fst2vcd")
        run("vcd2fst", "waves.vcd", "back.fst")
        run("fst2vcd", "-f", "back.fst", "-o", "back.vcd")
        same(vcd, read_vcd("back.vcd"), "waves.vcd by vcd2fst and fst2vcd")
        said = run(eie, "wavediff", "waves.fst", "back.fst")
        if ", 0 differ; 0 only in the first, 0 only in the second" not in said:
            raise SystemExit(f"wavediff of waves.fst and back.fst:\n{said}")
        check_sigrok(eie)
        os.chdir("/")
    return 0


sys.exit(main())
