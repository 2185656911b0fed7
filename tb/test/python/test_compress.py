# SPDX-License-Identifier: Apache-2.0
"""eie.compress: what it makes and reports is what the program makes, byte for byte."""
import os
import subprocess
import sys
import threading

import eie
import numpy as np
import pytest
from conftest import layer
from scipy import sparse

YAML = """inputs: x.npy
layers:
  - {name: fc1, weights: W1.npy, bias: b1.npy, relu: true}
  - {name: fc2, weights: W2.npy, relu: false, out_frac: 3}
"""


@pytest.fixture
def files(tmp_path):
    """A network of two layers as a file, and as Layer objects."""
    random = np.random.default_rng(5)
    arrays = {"W1": random.standard_normal((70, 90)).astype(np.float32), "b1": random.standard_normal(70),
              "W2": random.standard_normal((20, 70)), "x": np.maximum(random.standard_normal((30, 90)), 0)}
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    (tmp_path / "net.yaml").write_text(YAML)
    return tmp_path, arrays


def without_paths(report):
    """What does not depend on who asked."""
    return {k: v for k, v in report.items() if k not in ("options", "inputs")}


CASES = [
    ({}, []),
    ({"density": 0.1}, ["--density", "0.1"]),
    ({"density": {"fc1": 0.08, "fc2": 0.3}, "bits": 5, "start": "linear"}, ["--density", "fc1=0.08,fc2=0.3", "--bits", "5", "--start", "linear"]),
    ({"threshold": 1.5, "start": "random", "seed": 7}, ["--threshold", "1.5", "--start", "random", "--seed", "7"]),
    ({"density": {"fc1": 0.2}, "threshold": {"fc2": 1}, "index_bits": 5}, ["--density", "fc1=0.2", "--threshold", "fc2=1", "--index-bits", "5"]),
    ({"rate": 12.5}, ["--rate", "12.5"]),
    ({"rate": 15, "calibration": "x.npy", "calibration_samples": 10}, ["--rate", "15", "--calibration", "x.npy", "--calibration-samples", "10"]),
    ({"density": 0.1, "balance": "pe"}, ["--density", "0.1", "--prune-balance", "pe"]),
    ({"density": 0.1, "balance": "windows", "balance_window": 16, "n_pe": 8},
     ["--density", "0.1", "--prune-balance", "windows", "--window", "16", "--set", "n_pe=8"]),
]


@pytest.mark.filterwarnings("ignore::eie.ResultWarning")  # 5 bits do not fit
@pytest.mark.parametrize("arguments, words", CASES, ids=[" ".join(words) or "plain" for _, words in CASES])
def test_a_file_becomes_what_the_program_makes_of_it(files, program, monkeypatch, arguments, words):
    folder, arrays = files
    monkeypatch.chdir(folder)
    report = program("compress", "net.yaml", "--config", "eie4", "-o", "program.eie", *words)
    made = eie.compress("net.yaml", config="eie4", output="python.eie", **arguments)
    assert (folder / "python.eie").read_bytes() == (folder / "program.eie").read_bytes()
    assert without_paths(made.report.to_dict()) == without_paths(report)
    assert [item["path"] for item in made.report.to_dict()["inputs"]] == ["W1.npy", "b1.npy", "W2.npy"] + ["x.npy"] * ("calibration" in arguments)
    # The same from memory, but for the network's name.
    layers = [eie.Layer(arrays["W1"], arrays["b1"], True, "fc1"), eie.Layer(arrays["W2"], name="fc2", out_frac=3)]
    if "calibration" in arguments:
        arguments = {**arguments, "calibration": arrays["x"]}
    again = eie.compress(layers, config="eie4", output="memory.eie", **arguments).report.to_dict()
    assert (again["layers"], again["total"], again["name"]) == (report["layers"], report["total"], "network")


def test_a_file_of_weights(files, program, monkeypatch):
    folder, arrays = files
    monkeypatch.chdir(folder)
    report = program("compress", "W1.npy", "--density", "0.2", "-o", "program.eie")
    made = eie.compress("W1.npy", density=0.2, output="python.eie")
    assert (folder / "python.eie").read_bytes() == (folder / "program.eie").read_bytes()
    assert without_paths(made.report.to_dict()) == without_paths(report)
    assert made.layers[0].name == "W1"


def test_what_comes_back_is_the_container(files, monkeypatch):
    folder, arrays = files
    monkeypatch.chdir(folder)
    made = eie.compress(eie.load("net.yaml"), density=0.3, config="eie4", output="net.eie")
    network = eie.load("net.eie")
    assert network.names == [small.name for small in made.layers] == ["fc1", "fc2"]
    assert [small.relu for small in made.layers] == [True, False]
    for number, small in enumerate(made.layers):
        weights = arrays[f"W{number + 1}"]
        assert np.count_nonzero(small.dense()) == small.code.size == round(0.3 * weights.size)
        assert np.array_equal(small.values[small.codes()], small.dense(np.float64)) and small.values[0] == 0
        stays = small.dense() != 0
        assert np.abs(weights[~stays]).max() <= np.abs(weights[stays]).min()
        assert np.abs(weights - small.dense(np.float64))[stays].max() == pytest.approx(made.report.layers[number].sharing.max_error)
        assert not small.code.flags.writeable
    assert np.array_equal(made["fc1"].bias, arrays["b1"]) and made["fc2"].bias.size == 0
    with pytest.raises(KeyError):
        made["fc3"]
    # The device computes with these values.
    layers = [eie.Layer(small.dense(np.float64), small.bias if small.bias.size else None, small.relu, small.name) for small in made.layers]
    layers[1].out_frac = 3
    ours, theirs = (eie.Network(given).run(arrays["x"], config="eie4") for given in (layers, "net.eie"))
    assert np.array_equal(ours.raw, theirs.raw) and ours.report.cycles == theirs.report.cycles


def test_the_arrays_outlive_what_made_them():
    small = eie.compress(layer()[0]).layers[0]
    assert small.code.max() < small.values.size and small.row.max() < small.shape[0]


def test_matrices_of_any_kind_give_the_same():
    weights, _ = layer(dtype=np.float64)
    plain = eie.compress(weights, bits=4)
    for other in (weights.T.copy().T, sparse.csr_matrix(weights), [weights], eie.Layer(weights), (eie.Layer(weights, name="layer1"),), eie.Network([weights])):
        made = eie.compress(other, bits=4)
        assert made.report["layers"] == plain.report["layers"]
        assert np.array_equal(made.layers[0].code, plain.layers[0].code)


REFUSED = [
    ({"density": 0}, "density is '0': expected numbers over 0, up to 1, for all layers or as LAYER=VALUE,LAYER=VALUE"),
    ({"density": {"fc": 0.1}}, "density is 'fc=0.1': there is no layer 'fc': expected one of layer1"),
    ({"density": "much"}, "density is 'much': expected numbers over 0, up to 1, for all layers or as LAYER=VALUE,LAYER=VALUE"),
    ({"density": None, "threshold": float("nan")}, "threshold is 'nan': expected magnitudes from 0 to 1e150"),
    ({"density": [0.1]}, "density is [0.1]: expected a number"),
    ({"density": True}, "density is True: expected a number"),
    ({"density": 0.1, "threshold": 1}, "layer layer1 has a value of density and one of threshold: expected one of them"),
    ({"rate": 1}, "rate is '1': expected a number over 1, up to 1e6"),
    ({"rate": 9, "density": 0.1}, "rate is '9', and each layer has a value of density or threshold: expected layers without"),
    ({"rate": 1e5}, "a rate of 100000 is out of reach"),
    ({"start": "quantile"}, "start is 'quantile': expected best, linear, density or random"),
    ({"start": "linear", "seed": 3}, "seed is '3' with start linear: expected start random or best, the ones that draw"),
    ({"seed": -1}, "seed is -1: expected an integer from 0 to 2^63 - 1"),
    ({"bits": 9}, "bits is 9: expected an integer from 2 to 8"),
    ({"bits": 4.0}, "bits is 4.0: expected an integer from 2 to 8"),
    ({"index_bits": 0}, "index_bits is 0: expected an integer from 1 to 8"),
    ({"balance": "pe"}, "balance is 'pe' without density or rate: expected one of them, nothing is pruned to a number"),
    ({"balance": "rows", "density": 0.1}, "balance is 'rows': expected none, pe or windows"),
    ({"balance_window": 8, "density": 0.1}, "balance_window is '8' without balance windows: expected both or neither"),
    ({"calibration_samples": 3}, "calibration_samples is 3 without calibration: expected both or neither"),
    ({"calibration": np.ones((3, 7))}, "calibration: has shape (3, 7): expected 40 columns, one for each input of the network"),
    ({"output": "/nowhere/net.eie"}, "/nowhere/net.eie"),
    ({"n_pe": 3}, "--set n_pe=3: key 'n_pe' is 3: expected a power of two"),
]


@pytest.mark.parametrize("arguments, message", REFUSED, ids=[message.split(":")[0] for _, message in REFUSED])
def test_refused(arguments, message):
    with pytest.raises(eie.Error) as error:
        eie.compress(layer()[0], **arguments)
    assert str(error.value).startswith(message) and (": expected " in str(error.value) or "output" in arguments)


def test_networks_that_are_refused(files, monkeypatch):
    folder, arrays = files
    monkeypatch.chdir(folder)
    eie.compress("W1.npy", output="net.eie")
    for given in ("net.eie", eie.load("net.eie")):
        with pytest.raises(eie.Error, match="^net.eie: is a container, compressed already: expected a network of float weights"):
            eie.compress(given)
    with pytest.raises(eie.Error, match="^output W1.npy: is the file of weights too: expected another name"):
        eie.compress("W1.npy", output="W1.npy")
    assert np.array_equal(np.load("W1.npy"), arrays["W1"])
    with pytest.raises(eie.Error, match="expected at least one layer"):
        eie.compress([])
    with pytest.raises(eie.Error, match="^layer2.W: has shape .70, 90.: expected 70 columns, one for each output of the layer before"):
        eie.compress([arrays["W1"], arrays["W1"]])


def test_what_may_mislead_is_told():
    with pytest.warns(eie.ResultWarning, match="layer layer1 has no more than [0-9,]+ non-zero weights"):
        eie.compress(layer()[0], density=0.9)


def test_other_threads_go_on():
    weights = np.random.default_rng(2).standard_normal((2000, 2000)).astype(np.float32)
    ticks = []
    done = threading.Event()

    def tick():
        while not done.wait(0.005):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    eie.compress(weights, density=0.3)
    done.set()
    thread.join()
    assert len(ticks) >= 5


def test_ctrl_c_ends_it(tmp_path):
    script = tmp_path / "long.py"
    script.write_text("""
import eie, numpy as np, os, signal, threading, sys
W = np.random.default_rng(1).standard_normal((6000, 6000), dtype=np.float32)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    eie.compress([W, W, W, W, W, W, W, W], rate=20, output="net.eie")
except KeyboardInterrupt:
    sys.exit(0 if os.listdir() == ["long.py"] else 3)
sys.exit(4)
""")
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
