#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images of memories on the RTL: a layer that `eie export` wrote down is played in Icarus with its memories loaded by $readmemh or
$readmemb instead of through the port, and every output and counter is as expected.

usage: memory_images_test.py EIE SOURCE_FOLDER

Exits with 77 where NumPy, Icarus or Verilator (which reads the RTL for the converter) is not installed.
"""
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: Debian's python3-numpy is not installed")
    sys.exit(77)
for program in ("iverilog", "vvp", "verilator"):
    if shutil.which(program) is None:
        print(f"skipped: {program} is not installed")
        sys.exit(77)

EIE, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
WINDOWS = 0x1000_0000  # memories begin there, registers are below
failures = []


def expect(what, condition, more=""):
    if not condition:
        failures.append(what)
        print(f"FAILED: {what} {more}")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def without_loads(source, target):
    """The stimulus without the writes to memories before the first start; how many these were."""
    lines, left_out, started = [], 0, False
    with open(os.path.join(source, "stimulus.txt"), encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words[:1] == ["w"] and not started and int(words[1], 16) >= WINDOWS:
                left_out += 1
                continue
            started = started or words[:1] == ["i"]
            if words[:1] == ["e"]:
                line = f"e {int(words[1], 16) - left_out:x}\n"
            lines.append(line)
    with open(target, "w", encoding="utf-8") as file:
        file.writelines(lines)
    return left_out


def play(bench, expected, images):
    done = run("vvp", "-n", bench, "+stimulus=short.txt", f"+expected={expected}/expected.txt", f"+images={images}")
    return done.returncode == 0 and "PASS:" in done.stdout, done.stdout + done.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        r = np.random.default_rng(int(os.environ.get("EIE_SEED", "1")))
        w = np.where(r.random((75, 61)) < 0.2, r.integers(-7, 8, (75, 61)) / 8.0, 0)
        np.save("w.npy", w)
        np.save("a.npy", np.where(r.random(61) < 0.6, r.random(61), 0))
        np.save("b.npy", r.normal(size=75))
        layer = ["--config", "eie4", "--activations", "a.npy", "--bias", "b.npy", "--relu"]
        for command in (["export", "w.npy", *layer, "--output", "x"], ["convert", "w.npy", "hex", "--to", "readmemh", *layer],
                        ["convert", "w.npy", "bin", "--to", "readmemb", *layer],
                        ["convert", "w.npy", "w.eie", "--bias", "b.npy", "--relu", "--config", "eie4"],
                        ["convert", "w.eie", "eie", "--to", "readmemh", "--config", "eie4", "--activations", "a.npy"],
                        ["convert", "w.eie", "still", "--to", "readmemh", "--config", "eie4"]):
            done = run(EIE, *command)
            expect(f"eie {command}", done.returncode == 0, done.stderr)
        names = [f"pe{k}_{m}.memh" for k in range(4) for m in ("spmat", "ptr_even", "ptr_odd", "act")] + ["load.sv"]
        expect("a file a PE and memory", sorted(os.listdir("hex/launch0")) == sorted(names), os.listdir("hex/launch0"))
        expect("one launch", os.listdir("hex") == ["launch0"])
        for name in names[:-1]:
            a, b = (open(f"{f}/launch0/{name}", encoding="utf-8").read().split("\n")[1:] for f in ("hex", "eie"))
            expect(f"{name} of the container is that of the matrix", a == b)
        expect("no activations, no image of them", not [n for n in os.listdir("still/launch0") if "act" in n])
        expect("the memories are loaded through the port otherwise", without_loads("x", "short.txt") > 50)

        shutil.copy(os.path.join(SOURCE, "hw/rtl/eie4.sv"), "rtl.sv")
        done = run(os.path.join(SOURCE, "scripts/rtl_to_verilog.py"), "rtl.sv", "--sram", "keep", "-o", "rtl.v")
        expect("the RTL is converted", done.returncode == 0, done.stderr)
        bench = os.path.join(SOURCE, "tb/rtl/testbench/eie_tb.sv")
        for images, letter in (("hex", "h"), ("bin", "b")):
            done = run("iverilog", "-g2012", "-s", "eie_tb", "-s", "eie_load_images", "-o", f"{images}.vvp", bench, "rtl.v",
                       f"{images}/launch0/load.sv")
            expect("the testbench is built", done.returncode == 0, done.stderr)
            good, log = play(f"{images}.vvp", "x", f"{images}/launch0")
            expect(f"$readmem{letter}: every answer is as expected", good, log)
        # Each memory counts.
        for memory in ("spmat", "ptr_even", "ptr_odd", "act"):
            shutil.copytree("hex/launch0", "wrong", dirs_exist_ok=True)
            path = f"wrong/pe1_{memory}.memh"
            with open(path, encoding="utf-8") as file:
                lines = file.read().split("\n")
            at = 2 if len(lines) > 3 else 1
            lines[at] = lines[at][:-1] + format(int(lines[at][-1], 16) ^ 9, "x")
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(lines))
            expect(f"a wrong word of {memory} is noticed", not play("hex.vvp", "x", "wrong")[0])
        os.chdir("/")
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
