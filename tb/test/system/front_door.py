# SPDX-License-Identifier: Apache-2.0
"""The `eie` program as a new user meets it, with files of their own: what it says, and what its reports say.

Usage: front_door.py EIE CONFIG CASE. NumPy is Debian's.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

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


def weights_are_inspected():
    forecast = ["--act-density", "0.5", "--seed", "7", "--config", CONFIG]
    run = report("run", "w.npy", "--engine", "tlm", *forecast)
    seen = report("inspect", "w.npy", *forecast)
    (layer,) = seen["layers"]
    w = np.load("w.npy")
    assert seen["command"] == "inspect" and layer["name"] is None and (layer["rows"], layer["columns"]) == w.shape
    assert layer["nonzeros"] == np.count_nonzero(w)
    assert [(c["value"], c["weights"]) for c in layer["codebook"] if c["weights"]] == [(v, np.count_nonzero(w == v)) for v in np.unique(w[w != 0])]
    assert sum(layer["runs"]) + layer["work"]["padding"] == layer["work"]["entries"] == sum(layer["work"]["per_pe"])
    for key in ("cycles", "broadcasts", "load_balance", "time_us"):
        assert layer["forecast"][key] == run[key], (key, layer["forecast"][key], run[key])
    assert abs(layer["forecast"]["floors"]["nonzeros"] - run["floors"]["nonzeros"]) < 1e-9
    assert abs(layer["forecast"]["floors"]["distance"] - run["floors"]["distance"]) < 1e-9
    # A network, by its file: a layer after the other on one device.
    np.save("w2.npy", np.eye(12)[:5])
    with open("net.yaml", "w") as file:
        file.write("inputs: a.npy\nlayers:\n  - {name: one, weights: w.npy, relu: true}\n  - {name: two, weights: w2.npy, relu: false}\n")
    chain = report("inspect", "net.yaml", *forecast)["layers"]
    assert [one["name"] for one in chain] == ["one", "two"]
    assert chain[0]["forecast"] == layer["forecast"]
    second = report("run", "w2.npy", "--engine", "tlm", *forecast)
    assert chain[1]["forecast"]["cycles"] == second["cycles"]
    table = eie("inspect", "net.yaml", *forecast).stdout
    assert "shared values" in table and "forecast by engine tlm" in table and f"{chain[1]['forecast']['cycles']}" in table, table
    # Rows dealt evenly: the same cycles as the run.
    for kind in ("rows", "windows"):
        balance = [*forecast, "--balance", kind, "--balance-window", "4"]
        even = report("inspect", "net.yaml", *balance)["layers"]
        assert even[0]["forecast"]["cycles"] == report("run", "w.npy", "--engine", "tlm", *balance)["cycles"]
        assert even[0]["work"]["per_pe_max"] <= chain[0]["work"]["per_pe_max"]
        assert even[0]["nonzeros"] == chain[0]["nonzeros"] and even[0]["map"] == chain[0]["map"] and even[1]["codebook"] == chain[1]["codebook"]
    # Of nothing but zeros.
    np.save("zeros.npy", np.zeros((3, 4)))
    empty = report("inspect", "zeros.npy", "--config", CONFIG)["layers"][0]
    assert empty["nonzeros"] == 0 and empty["weights"]["counts"] == [] and empty["forecast"]["broadcasts"] == 4
    assert report("inspect", "w.npy", "--config", CONFIG, "--set", "pe_counters=false")["layers"][0]["forecast"]["load_balance"] is None
    for words, part in [
        (["nowhere.npy"], "nowhere.npy: does not exist"),
        (["nowhere.yaml"], "nowhere.yaml: does not exist"),
        ([], "--file is missing: expected --file"),
        (["w.npy", "--act-density", "1.5"], "--act-density is '1.5': expected a number from 0 to 1"),
        (["w.npy", "--act-density", "nan"], "--act-density is 'nan': expected a number from 0 to 1"),
        (["w.npy", "--act-density", ""], "--act-density is ''"),
        (["w.npy", "--plot", "w.pdf"], "--plot is 'w.pdf': expected a name that ends in .svg or .png"),
        (["w.npy", "--plot", "nowhere/w.svg"], "expected a file in a folder that is there"),
        (["w.npy", "--json", "w.npy"], "w.npy"),
    ]:
        refused(part, "inspect", *words, "--config", CONFIG)


def inspections_are_drawn():
    np.save("zeros.npy", np.zeros((3, 4)))
    np.save("ones.npy", np.ones((1, 1)))
    # No program to draw with: said before any work, and no file is left.
    said = eie("inspect", "w.npy", "--config", CONFIG, "--plot", "w.svg", status=2, env={"PATH": "/nowhere"}).stderr
    assert "gnuplot is not found" in said and "gnuplot-nox" in said, said
    assert not os.path.exists("w.svg")
    if shutil.which("gnuplot") is None:
        print("gnuplot is not installed: nothing was drawn")
        return
    for name in ("w", "zeros", "ones"):
        for kind in ("svg", "png"):
            eie("inspect", f"{name}.npy", "--config", CONFIG, "--plot", f"{name}.{kind}")
        svg = xml.etree.ElementTree.parse(f"{name}.svg").getroot()
        words = {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")} | {span.text for span in svg.iter("{http://www.w3.org/2000/svg}tspan")}
        for title in (f"{name}.npy: weights", "runs", "load", "density"):
            assert title in words, (title, words)
        with open(f"{name}.png", "rb") as file:
            assert file.read(8) == b"\x89PNG\r\n\x1a\n"
    # A title is text, whatever is in it.
    strange = 'w"$HOME`date`\'_{x}\\n.npy'
    os.rename("ones.npy", strange)
    eie("inspect", strange, "--config", CONFIG, "--plot", "s.svg")
    svg = xml.etree.ElementTree.parse("s.svg").getroot()
    assert any(strange in (text.text or "") for text in svg.iter()), [text.text for text in svg.iter()]


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    rng = np.random.default_rng(1)
    np.save("w.npy", np.where(rng.random((12, 8)) < 0.7, rng.integers(-4, 5, (12, 8)), 0) / 4)
    np.save("a.npy", rng.random(8))
    {name: case for name, case in globals().items() if callable(case)}[CASE]()
    os.chdir("/")
print("passed")
