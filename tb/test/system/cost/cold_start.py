# SPDX-License-Identifier: Apache-2.0
"""Cold start through the program: what is moved is what the host moves, sums, and what it is reported by.

Usage: cold_start.py EIE SOURCE_DIR. NumPy is Debian's.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

EIE, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])


def eie(*words, status=0):
    done = subprocess.run([EIE, *words], capture_output=True, text=True, timeout=600)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done


def report(*words):
    eie(*words, "--json", "r.json")
    with open("r.json", encoding="utf-8") as file:
        return json.load(file)


def beats(cold, frames):
    """That the host writes through the port in so many samples: all but registers and outputs."""
    total = 0
    for part in cold["parts"]:
        if part["what"] not in ("registers", "outputs"):
            total += part["bytes"] // 8 * (1 if part["times"] == "once" else frames)
    return total


def close(a, b):
    return abs(a - b) <= 1e-9 * max(1, abs(b))


def check_sums(cold, mhz=800):
    for kind in ("us", "uj"):
        each = {part["what"]: part["cycles"] / mhz if kind == "us" else part["uj"] for part in cold["parts"]}
        once = sum(each[part["what"]] for part in cold["parts"] if part["times"] == "once")
        weights = ("spmat", "pointers", "biases", "codebook")
        every = sum(each[part["what"]] for part in cold["parts"] if part["times"] != "once" and part["what"] in weights)
        assert close(cold["once"][kind], once) and close(cold["every_frame"][kind], every), cold
        if cold["compute"][kind] is None:  # the technology refuses the configuration
            assert kind == "uj" and cold["cold"]["uj"] is None and cold["frames_until_loading_is"]["energy"]["10 %"] is None
            continue
        assert close(cold["cold"][kind], sum(each.values()) + cold["compute"][kind])
        assert close(cold["warm"][kind], cold["cold"][kind] - cold["once"][kind])
        assert close(cold["amortised"][kind], cold["warm"][kind] + cold["once"][kind] / cold["frames"])


def what_is_moved():
    """Against the beats that the port counts: layers that stay, that do not, with and without bias, one sample and several."""
    rng = np.random.default_rng(1)
    seen = set()
    for rows, columns, samples, changes in [(40, 60, 1, []), (40, 60, 3, []), (300, 500, 2, ["spmat_depth=512", "act_depth=64"]),
                                            (300, 200, 2, ["pointer_depth=256"]), (30, 1200, 1, ["act_depth=64"])]:
        np.save("w.npy", np.where(rng.random((rows, columns)) < 0.2, rng.integers(1, 8, (rows, columns)), 0) / 8)
        np.save("a.npy", rng.random((samples, columns)) * (rng.random((samples, columns)) < 0.4))
        np.save("b.npy", rng.random(rows))
        for bias in ([], ["--bias", "b.npy"]):
            words = ["run", "w.npy", "a.npy", *bias, "--config", "eie4", "--engine", "tlm", "--load", "port", "--memory", "lpddr2"]
            for change in changes:
                words += ["--set", change]
            ran = report(*words)
            cold = ran["cold_start"]
            assert beats(cold, samples) == ran["io_cycles"], (rows, columns, bias, beats(cold, samples), ran["io_cycles"])
            assert cold["frames"] == samples
            check_sums(cold)
            assert cold["resident"] == (ran["launches"] == samples or cold["once"]["us"] > cold["every_frame"]["us"])
            # Never, where what is loaded for every frame takes more of it: weights that do not stay, or biases that do not.
            for share, text in ((0.5, "50 %"), (0.1, "10 %")):
                never = cold["every_frame"]["us"] >= share * cold["warm"]["us"]
                assert (cold["frames_until_loading_is"]["time"][text] is None) == never, (rows, columns, bias, cold)
            seen.add(cold["resident"])
            without = report(*(word for word in words if word not in ("--memory", "lpddr2")))
            assert without["cold_start"] is None and without["cycles"] == ran["cycles"]
    assert seen == {True, False}, seen


def where_it_is_reported():
    net = report("network", "digits", "--config", "eie4", "--engine", "tlm", "--memory", "ddr4", "--load", "port")
    cold = net["cold_start"]
    layers = [layer["cold_start"] for layer in net["layers"]]
    assert cold["bytes"] == sum(layer["bytes"] for layer in layers) and close(cold["cold"]["us"], sum(layer["cold"]["us"] for layer in layers))
    assert close(cold["warm"]["uj"], sum(layer["warm"]["uj"] for layer in layers))
    assert sum(beats(layer, net["samples"]) for layer in layers) == net["io_cycles"]
    done = eie("network", "digits", "--config", "eie4", "--engine", "tlm", "--memory", "ddr4")
    assert "cold start from ddr4" in done.stdout and "loading (us)" in done.stdout, done.stdout
    bench = report("bench", "--engine", "tlm", "--layers", "alex7", "--config", "eie64", "--memory", "lpddr2")
    for cold in (bench["layers"][0]["cold_start"], bench["cold_start"]):
        # 1.79 million entries of a byte, and a pointer of four bytes a column and PE.
        assert cold["resident"] and cold["limit"] == "DRAM" and cold["bytes"] > bench["layers"][0]["work"]["entries"]
        assert cold["dense"]["bytes"] == 2 * 4096 * 4096 and cold["cold"]["us"] < cold["dense"]["us"]
        print("alex7:", json.dumps({key: value for key, value in cold.items() if key != "parts"}))
    both = eie("compare", "w.npy", "a.npy", "--config", "eie4", "--config", "eie16", "--engine", "tlm", "--memory", "lpddr2")
    assert "first frame, cold (us)" in both.stdout, both.stdout
    done = eie("run", "w.npy", "a.npy", "--config", "eie4", "--engine", "tlm", "--memory", "lpddr2")
    assert "  cold start    " in done.stdout, done.stdout
    for words, part in [(["--memory", "lpddr3"], "nearest: lpddr2"), (["--memory", "none.yaml"], "none.yaml: does not exist")]:
        for command in (["run", "w.npy", "a.npy"], ["bench", "--layers", "alex7"], ["network", "digits"], ["compare", "w.npy", "a.npy", "--engine", "hw", "--engine", "tlm"]):
            said = eie(*command, *words, status=2).stderr
            assert part in said and said.count("\n") == 1, said


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    what_is_moved()
    where_it_is_reported()
    os.chdir("/")
print("passed")
