# SPDX-License-Identifier: Apache-2.0
"""The `eie` program as a new user meets it, with files of their own: what it says, and what its reports say.

Usage: front_door.py EIE CONFIG CASE. NumPy is Debian's.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

EIE, CONFIG, CASE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
LAYER = ["w.npy", "a.npy", "--config", CONFIG, "--engine", "tlm"]


def eie(*words, status=0, **more):
    done = subprocess.run([EIE, *words], capture_output=True, text=True, timeout=240, **more)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    if status == 2:
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stdout == "", done.stdout
    return done


def refused(part, *words, **more):
    said = eie(*words, status=2, **more).stderr
    assert part in said, (words, part, said)


def report(*words):
    eie(*words, "--json", "r.json")
    with open("r.json") as file:
        return json.load(file)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def options_say_their_own_range():
    for words, part in [
        (["--weight-frac", "65"], "--weight-frac is '65': expected an integer from -64 to 64"),
        (["--out-frac", "1.5"], "--out-frac is '1.5': expected an integer from -64 to 64"),
        (["--act-frac", "99999999999"], "--act-frac is '99999999999': expected an integer from -64 to 64"),
        (["--jobs", "x"], "--jobs is 'x': expected an integer from 1 to 256"),
        (["--jobs", "0"], "--jobs is '0': expected an integer from 1 to 256"),
        (["--engine", "hw"], "--engine is given more than once: expected it once"),
        (["--bias"], "'--bias' is missing: expected --bias FILE"),
        (["--relu=1"], "does not take any arguments: expected --relu"),
        (["--set", "N_PE=4"], "unknown key 'N_PE'"),
        (["--set", "N_PE=4"], "; nearest: n_pe"),
        (["--json", "nowhere/r.json"], "(No such file or directory): expected a file in a folder that is there"),
    ]:
        refused(part, "run", *LAYER, *words)
    refused("; nearest: eie64", "run", "w.npy", "a.npy", "--config", "EIE64")
    refused("--trace-launch is '0': expected an integer from 1 to", "run", *LAYER[:-1], "hw", "--trace", "x.fst", "--trace-launch", "0")
    for command in (["encode", "w.npy"], ["export", "w.npy", "a.npy"]):
        refused("-: is standard output: expected a folder", *command, "--config", CONFIG, "--output", "-")
    eie("encode", "w.npy", "--config", CONFIG, "--output", "./-")
    assert os.path.isdir("-")


def samples_and_labels_are_counted():
    np.save("x.npy", np.tile(np.load("a.npy"), (4, 1)))
    np.save("w2.npy", np.ones((1, 12)))
    with open("net.yaml", "w") as file:
        file.write("inputs: x.npy\nlabels: l.npy\nlayers:\n  - {name: one, weights: w.npy, relu: true}\n"
                   "  - {name: two, weights: w2.npy, relu: false}\n")
    network = ["network", "net.yaml", "--config", CONFIG, "--engine", "tlm"]
    np.save("l.npy", np.zeros(4, int))
    done = eie(*network, "--samples", "9")
    assert "note: x.npy has 4 samples: --samples 9 takes all of them" in done.stderr, done.stderr
    assert "samples       4, each " in done.stdout and " to " not in done.stdout.split("samples       4, each ")[1].split(",")[0]
    assert eie(*network, "--samples", "2").stderr == ""
    for labels, part in [(5, "has 5 labels: expected one for each of 4 samples"), (1, "has 1 label: expected one for each of 4 samples")]:
        np.save("l.npy", np.zeros(labels, int))
        refused(part, *network)
    np.save("l.npy", np.full(4, 3))
    refused("element [0] is 3: expected 0, the one output of the last layer", *network)


def files_of_one_name_are_told_apart():
    for folder, depth in (("a", 1), ("b", 15)):
        os.mkdir(folder)
        with open(CONFIG) as old, open(f"{folder}/eie4.yaml", "w") as new:
            new.write(old.read().replace("queue_depth: 7", f"queue_depth: {depth}"))
    words = ["compare", "w.npy", "a.npy", "--engine", "tlm", "--config", "a/eie4.yaml", "--config", "b/eie4.yaml"]
    head = eie(*words).stdout.split("\n")[1].split()
    assert head == ["a/eie4.yaml", "b/eie4.yaml", "ratio"], head
    runs = report(*words)["runs"]
    assert [run["configuration"]["queue_depth"] for run in runs] == [1, 15]
    assert [run["inputs"][0]["sha256"] for run in runs] == [sha256("a/eie4.yaml"), sha256("b/eie4.yaml")]


def every_report_says_what_ran():
    inputs = report("run", *LAYER)["inputs"]
    for words in (["stalls", *LAYER], ["figure3", "--config", CONFIG], ["encode", "w.npy", "--config", CONFIG, "--output", "enc"],
                  ["export", *LAYER[:4], "--output", "exp"], ["bench", "--config", CONFIG, "--engine", "tlm", "--layers", "nt_we"]):
        j = report(*words)
        assert j["configuration"]["n_pe"] == 4, words
        assert j["options"]["config"] == CONFIG, words
        for file in j["inputs"]:
            assert file["sha256"] == sha256(file["path"]), (words, file)
        assert [file["role"] for file in inputs] == ["config", "weights", "activations"]
    assert report("stalls", *LAYER)["inputs"] == inputs
    for name in ("1.vcd", "2.vcd"):
        eie("run", *LAYER[:4], "--trace", name)
    j = report("wavediff", "1.vcd", "2.vcd")
    assert j["equal"] and j["options"]["first"] == "1.vcd"
    assert [(file["role"], file["sha256"]) for file in j["inputs"]] == [("first", sha256("1.vcd")), ("second", sha256("2.vcd"))]


def lost_numbers_are_warned_of_by_every_command():
    a = np.load("a.npy")
    a[0] = 3e6
    np.save("a.npy", a)
    for words in (["run", *LAYER], ["stalls", *LAYER], ["why", *LAYER, "--pe", "0", "--cycle", "3"], ["export", *LAYER[:4], "--output", "exp"],
                  ["compare", *LAYER, "--engine", "hw"]):
        said = eie(*words).stderr
        assert "activations became 0 and are not broadcast" in said, (words, said)
        assert all(": warning: " in line for line in said.splitlines()), said
    assert any("not broadcast" in text for text in report("stalls", *LAYER)["warnings"])


def configurations_in_words():
    done = eie("info", CONFIG, "--set", "ecc=true", "--json", "r.json")
    with open("r.json") as file:
        assert "tlm" in json.load(file)["engines"], done.stdout
    done = eie("info", CONFIG, "--set", "clock_mhz=0.001", "--set", "code_width=1", "--set", "run_width=7", "--set", "n_pe=1")
    assert "at most 0.000001 billion multiply-accumulates a second" in done.stdout, done.stdout
    assert "weights       1 shared value and 0" in done.stdout, done.stdout


def pipes_are_read():
    plain = report("run", *LAYER)
    np.savetxt("w.csv", np.load("w.npy"), delimiter=",")
    np.savez_compressed("w.npz", np.load("w.npy"))
    np.save("b.npy", np.ones(12))
    bias = report("run", *LAYER, "--bias", "b.npy")["cycles"]
    for name in ("w.npy", "w.csv", "w.npz"):
        for line, cycles in [("run <(cat {}) a.npy", plain["cycles"]), ("run {} <(cat a.npy)", plain["cycles"]), ("run <(cat {}) <(cat a.npy)", plain["cycles"]),
                             ("run /dev/stdin a.npy < <(cat {})", plain["cycles"]), ("run {} a.npy --bias <(cat b.npy)", bias)]:
            words = f"{EIE} {line.format(name)}".replace(f"{EIE} run", f"{EIE} run --config {CONFIG} --engine tlm --json r.json")
            subprocess.run(["bash", "-c", words], check=True, capture_output=True, timeout=240)
            with open("r.json") as file:
                got = json.load(file)
            assert got["cycles"] == cycles, (words, got["cycles"], cycles)
            by_role = {file["role"]: file for file in got["inputs"]}
            for role, path in [("weights", name), ("activations", "a.npy"), ("bias", "b.npy")]:
                if role in by_role:
                    assert by_role[role]["sha256"] == sha256(path), (words, by_role[role])
        words = f"{EIE} compare <(cat {name}) <(cat a.npy) --config {CONFIG} --engine tlm --engine hw --bias <(cat b.npy)"
        subprocess.run(["bash", "-c", words], check=True, capture_output=True, timeout=240)
    done = subprocess.run(["bash", "-c", f"{EIE} run <(true) a.npy --config {CONFIG}"], capture_output=True, text=True, timeout=240)
    assert done.returncode == 2 and "is empty" in done.stderr, done.stderr


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    rng = np.random.default_rng(1)
    np.save("w.npy", np.where(rng.random((12, 8)) < 0.7, rng.integers(-4, 5, (12, 8)), 0) / 4)
    np.save("a.npy", rng.random(8))
    {name: case for name, case in globals().items() if callable(case)}[CASE]()
    os.chdir("/")
print("passed")
