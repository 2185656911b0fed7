# SPDX-License-Identifier: Apache-2.0
"""The baselines of docs/reports/baseline.md: layers as files, the CPU's program, that for GPUs, and the page.

Usage: baseline_test.py CASE ROOT EIE FOLDER, FOLDER being where the programs are. NumPy is Debian's. Exit status 77: a program
was not built, as its library is not installed.
"""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

CASE, ROOT, EIE, FOLDER = sys.argv[1], *map(os.path.abspath, sys.argv[2:5])
SCRIPT = os.path.join(ROOT, "scripts", "cpu_baseline")
HEAD = struct.Struct("8s4I")
KINDS = ("dense_b1", "sparse_b1", "dense_b64", "sparse_b64")


def run(words, status=0):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=600)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done


def program(name):
    path = os.path.join(FOLDER, name)
    if not os.path.exists(path):
        print(f"skipped: {name} was not built")
        sys.exit(77)
    return path


def make(layers="nt_lstm", *words):
    run([program("baseline_layers"), "layers", "--layers", layers, *words])
    return [os.path.join("layers", name + ".layer") for name in layers.split(",")]


def read(path):
    """(rows, columns, frames, row_start, column, value, inputs, outputs) of a layer's file."""
    with open(path, "rb") as file:
        magic, rows, columns, frames, entries = HEAD.unpack(file.read(HEAD.size))
        assert magic == b"EIELAY1\n", magic
        parts = [np.fromfile(file, kind, count) for kind, count in
                 (("i4", rows + 1), ("i4", entries), ("f4", entries), ("f4", columns * frames), ("f4", rows * frames))]
        assert not file.read(1)
    return rows, columns, frames, *parts[:3], parts[3].reshape(columns, frames), parts[4].reshape(rows, frames)


def layers():
    """The files hold what `eie bench` runs, and the products that are in them are right."""
    for path in make("nt_lstm,vgg8"):
        rows, columns, frames, start, column, value, inputs, outputs = read(path)
        name = os.path.basename(path)[:-6]
        run([EIE, "bench", "--config", os.path.join(ROOT, "configs/eie64.yaml"), "--engine", "tlm", "--layers", name, "--workload", os.path.join(ROOT, "configs/workloads/paper.yaml"), "--json", "r.json"])
        with open("r.json", encoding="utf-8") as file:
            bench = json.load(file)["layers"][0]
        assert (rows, columns, frames) == (bench["rows"], bench["columns"], 64)
        used = np.flatnonzero(inputs[:, 0])
        assert len(used) == bench["broadcasts"], (len(used), bench["broadcasts"])
        entries = int(np.isin(column, used).sum())
        assert entries == bench["work"]["entries"] - bench["work"]["padding"], (name, entries, bench["work"])
        dense = np.zeros((rows, columns))
        for i in range(rows):
            part = slice(start[i], start[i + 1])
            assert np.all(np.diff(column[part]) > 0)
            dense[i, column[part]] = value[part]
        expected = dense @ inputs.astype(np.float64)
        assert np.abs(expected - outputs).max() <= 1e-6 * np.abs(expected).max()
        if name == "vgg8":
            assert len({inputs[:, k].tobytes() for k in range(frames)}) == frames, "two inputs of the batch are the same"
    run([program("baseline_layers"), "other", "--layers", "nt_lstm", "--seed", "2"])
    assert not np.array_equal(read("other/nt_lstm.layer")[4], read("layers/nt_lstm.layer")[4])
    for words, part in ((["--layers", "alex9"], "'alex9' is no layer"), (["--frames", "0"], "--frames: 0: expected 1 to 4096")):
        said = run([program("baseline_layers"), "bad", *words], 2).stderr
        assert said.count("\n") == 1 and part in said and not os.path.exists("bad"), said


def processor():
    """Times, energy from a counter that we turn, wrong products, bad files."""
    cpu = program("cpu_baseline")
    path = make()[0]
    report = json.loads(run([cpu, path, "--seconds", "0.02"]).stdout)
    assert report["threads"] == report["cores"] == len(os.sched_getaffinity(0)), report
    layer = report["layers"]["nt_lstm"]
    for kind in KINDS:
        assert 0 < layer[kind + "_us"] < 1e6, layer
        assert report["energy"] != "not readable" or layer["energy_uj"] is layer["energies_uj"] is None, layer
        assert layer["spread"][kind]["repetitions"] >= 5 and layer["spread"][kind]["percent"] >= 0, layer
        assert layer["spread"][kind]["left_out"] <= layer["spread"][kind]["disturbed"], layer
    assert layer["max_relative_error"] <= 1e-5, layer
    # The median is one of ours too: the slowest product, a batch of 64, cannot be faster than the processor's peak.
    assert layer["dense_b64_us"] > 2 * 1201 * 2400 / (report["cores"] * 64 * 6e3), layer  # 64 operations a cycle at 6 GHz

    # 5 W, on two packages that both turn over.
    for k in range(2):
        os.makedirs(f"powercap/intel-rapl:{k}")
        for name, text in (("name", f"package-{k}"), ("max_energy_range_uj", "1000000"), ("energy_uj", "0")):
            with open(f"powercap/intel-rapl:{k}/{name}", "w", encoding="utf-8") as file:
                file.write(text + "\n")
    over = threading.Event()

    def turn():
        begin = time.monotonic()
        while not over.is_set():
            for k in range(2):
                with open(f"powercap/intel-rapl:{k}/new", "w", encoding="utf-8") as file:
                    file.write(f"{int(5e5 * (time.monotonic() - begin) + 900000) % 1000000}\n")
                os.replace(f"powercap/intel-rapl:{k}/new", f"powercap/intel-rapl:{k}/energy_uj")
            time.sleep(0.01)

    turner = threading.Thread(target=turn)
    turner.start()
    try:
        report = json.loads(run([cpu, path, "--seconds", "0.2", "--threads", "1", "--powercap", "powercap"]).stdout)
    finally:
        over.set()
        turner.join()
    layer = report["layers"]["nt_lstm"]
    assert report["energy"] == "RAPL, all packages" and report["threads"] == 1
    for kind in KINDS:  # 1 W: a microjoule is a microsecond of the mean repetition, which others make longer than the median
        assert 0.8 * layer[kind + "_us"] <= layer["energies_uj"][kind] <= 20 * layer[kind + "_us"], (kind, layer)

    assert layer["energy_uj"] == min(layer["energies_uj"][kind] for kind in ("dense_b1", "sparse_b1")), layer

    with open(path, "rb") as file:
        good = file.read()

    def changed(at, data, name="bad.layer"):
        with open(name, "wb") as file:
            file.write(good[:at] + data + good[at + len(data):])
        return name

    wrong = run([cpu, changed(len(good) - 64 * 4, struct.pack("f", 1e3)), "--seconds", "0.001"], 1)
    assert "bad: dense_b1 is off by" in wrong.stderr and "expected at most" in wrong.stderr, wrong.stderr
    not_a_number = run([cpu, changed(HEAD.size + 4 * 2401 + 4 * json_entries(good), struct.pack("f", float("nan"))), "--seconds", "0.001"], 1)
    assert "bad: sparse_b64 is off by nan of" in not_a_number.stderr, not_a_number.stderr
    for at, data, part in ((0, b"NOTALAYR", "its first bytes are others"), (8, struct.pack("I", 0), "rows 0: expected 1 to"),
                           (8, struct.pack("I", 7), "bytes: expected"), (HEAD.size, struct.pack("i", 1), "do not ascend from 0"),
                           (HEAD.size + 4 * 2401, struct.pack("i", 1201), "an entry in column 1201: expected below 1201"),
                           (None, None, "cannot be read: expected")):
        bad = "nowhere.layer" if at is None else changed(at, data)
        said = run([cpu, bad, "--json", "never.json"], 2).stderr
        assert said.count("\n") == 1 and part in said and not os.path.exists("never.json"), said
    for words, part in ((["--threads", "100000"], "--threads: 100000: expected 0 to"), (["--seconds", "0"], "expected 0.001 to 600")):
        said = run([cpu, path, *words], 2).stderr
        assert said.count("\n") == 1 and part in said, said


def json_entries(data):
    return HEAD.unpack(data[:HEAD.size])[4]


def gpu():
    """With a GPU the same keys as of a CPU; without one, a line that says so."""
    cuda = program("cuda_baseline")
    path = make()[0]
    done = subprocess.run([cuda, path], capture_output=True, text=True, timeout=600)
    if done.returncode == 3:
        assert done.stderr.startswith("cuda_baseline: no GPU: ") and done.stderr.count("\n") == 1 and not done.stdout, done
        return
    assert done.returncode == 0, done
    layer = json.loads(done.stdout)["layers"]["nt_lstm"]
    assert all(layer[kind + "_us"] > 0 for kind in KINDS) and layer["max_relative_error"] <= 1e-4, layer


def committed_page():
    """docs/reports/baseline.md is what the script makes of cpu.json, and a changed number is found."""
    reports = os.path.join(ROOT, "docs", "reports")
    run([SCRIPT, "--page", "--check"])
    os.mkdir("reports")
    shutil.copytree(os.path.join(reports, "baseline"), "reports/baseline")
    shutil.copy(os.path.join(reports, "baseline.md"), "reports")
    with open("reports/baseline/cpu.json", encoding="utf-8") as file:
        cpu = json.load(file)
    assert list(cpu["layers"]) == ["alex6", "alex7", "alex8", "vgg6", "vgg7", "vgg8", "nt_we", "nt_wd", "nt_lstm"]
    cpu["layers"]["vgg7"]["sparse_b1_us"] *= 1.1
    with open("reports/baseline/cpu.json", "w", encoding="utf-8") as file:
        json.dump(cpu, file)
    said = run([SCRIPT, "--page", "--check", "--output", "reports"], 1).stderr
    assert "is not the page of baseline/cpu.json" in said, said
    for layer in cpu["layers"].values():  # as on a machine whose RAPL can be read
        layer["energies_uj"] = {kind: 50 * layer[kind + "_us"] for kind in KINDS}
    with open("reports/baseline/cpu.json", "w", encoding="utf-8") as file:
        json.dump(cpu, file)
    run([SCRIPT, "--page", "--output", "reports"])
    with open("reports/baseline.md", encoding="utf-8") as file:
        text = file.read()
    assert "| **this CPU**, dense, batch 1 |" in text and "cannot be read" not in text
    for words, part in ((["--layers", "alex9"], "--layers: 'alex9': expected some of"), (["--check"], "--check: without --page: expected both"),
                        (["--page", "--output", "nowhere"], "expected what scripts/cpu_baseline writes")):
        assert part in run([SCRIPT, *words], 1).stderr


CASES = {"layers": layers, "cpu": processor, "gpu": gpu, "page": committed_page}
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    CASES[CASE]()
