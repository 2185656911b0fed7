# SPDX-License-Identifier: Apache-2.0
"""LeNet-300-100 (configs/networks/lenet300): the committed network on the device, and the script that trained it.

Usage: lenet_test.py EIE ROOT CASE. NumPy is Debian's. Exit status 77: a package that the case needs is not installed.
"""
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

EIE, ROOT, CASE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
FOLDER = os.path.join(ROOT, "configs", "networks", "lenet300")
SCRIPT = os.path.join(ROOT, "scripts", "train_lenet300")
DATA = "/usr/share/datasets/fashion-mnist"
LAYERS = ("fc1", "fc2", "fc3")
DENSITIES = (0.08, 0.09, 0.26)  # Deep Compression, Table 2


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def run(words, status=0):
    done = subprocess.run(words, capture_output=True, text=True, timeout=900)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done


def report(network, *words):
    run([EIE, "network", network, *words, "--json", "r.json"])
    with open("r.json") as file:
        return json.load(file)


def network_on(name, inputs, labels):
    """A file beside nothing: the network `name` with other samples."""
    with open(os.path.join(FOLDER, f"{name}.yaml")) as file:
        text = file.read()
    text = text.replace("sample_inputs.npy", os.path.abspath(inputs)).replace("sample_labels.npy", os.path.abspath(labels))
    text = text.replace(f'"{name}.npz', f'"{FOLDER}/{name}.npz')
    with open("network.yaml", "w") as file:
        file.write(text)
    return "network.yaml"


def right(file, x, labels):
    """How many of the samples a float network has right."""
    with np.load(os.path.join(FOLDER, file)) as arrays:
        for name in LAYERS:
            x = x @ arrays[f"{name}_weights"].astype(np.float64).T + arrays[f"{name}_bias"]
            x = np.maximum(x, 0) if name != LAYERS[-1] else x
    return int(np.count_nonzero(x.argmax(axis=1) == labels))


def dense_right(pixels, labels):
    return right("dense.npz", pixels / 255, labels)


def same_layers(a, b):
    """Equal but for the engine and the host's time."""
    for one, other in zip(a["layers"], b["layers"], strict=True):
        for key in one:
            if key not in ("engine", "host_seconds", "commands"):
                assert one[key] == other[key], (one["name"], key, one[key], other[key])


def balance(layers):
    """Entries of the broadcast columns: those of a mean PE over those of the PE with most, padding among them."""
    work = [layer["work"] for layer in layers]
    return sum(w["per_pe_mean"] for w in work) / sum(w["per_pe_max"] for w in work)


def committed_network():
    """Densities and shared values are what the README says."""
    for name, values in (("lenet300", 15), ("lenet300-6bit", 63), ("lenet300-balanced", 15)):
        with np.load(os.path.join(FOLDER, f"{name}.npz")) as arrays:
            for layer, density in zip(LAYERS, DENSITIES):
                w = arrays[f"{layer}_weights"]
                kept = round(density * w.size)
                # balanced: about as many; a shared value may have been trained to 0
                assert 0.98 * kept <= np.count_nonzero(w) <= (1.02 if "balanced" in name else 1) * kept, (name, layer, np.count_nonzero(w), kept)
                assert len(np.unique(w[w != 0])) <= values, (name, layer)


def samples():
    """The committed samples: hw and tlm give the same report, and the program's accuracies are those of plain NumPy."""
    inputs, labels = (np.load(os.path.join(FOLDER, f"sample_{what}.npy")) for what in ("inputs", "labels"))
    assert inputs.dtype == np.uint8 and inputs.shape == (200, 784), (inputs.dtype, inputs.shape)
    network = os.path.join(FOLDER, "lenet300.yaml")
    tlm = report(network, "--engine", "tlm")
    same_layers(tlm, report(network, "--engine", "hw"))
    same_layers(tlm, report(network, "--engine", "tlm", "--jobs", "2"))
    assert all(layer["golden_match"] and not layer["saturated"] for layer in tlm["layers"])
    shared = right("lenet300.npz", inputs.astype(np.float64), labels)
    dense = dense_right(inputs.astype(np.float64), labels)
    print(f"200 samples: dense {dense}, shared {shared} in double precision, {tlm['accuracy'] * 200:.0f} on eie64")
    assert tlm["float_accuracy"] == shared / 200, (tlm["float_accuracy"], shared)
    assert abs(tlm["accuracy"] - shared / 200) <= 1 / 200
    by_name = report("lenet300", "--engine", "tlm")
    same_layers(tlm, by_name)
    # The container holds this very network, and runs as it does.
    container = os.path.join(FOLDER, "lenet300.eie")
    run([EIE, "convert", network, "again.eie"])
    with open(container, "rb") as kept, open("again.eie", "rb") as again:
        assert kept.read() == again.read(), "lenet300.eie is not what eie convert writes: convert it again"
    samples_of = [f"--{what}={os.path.join(FOLDER, f'sample_{what}.npy')}" for what in ("inputs", "labels")]
    kept = report(container, "--engine", "tlm", *samples_of)
    assert kept["accuracy"] == tlm["accuracy"]
    for one, other in zip(kept["layers"], tlm["layers"], strict=True):
        for key in ("cycles", "broadcasts", "work", "sram_reads", "formats", "codebook", "golden_match", "energy"):
            assert one[key] == other[key], (one["name"], key)
        assert one["float_error"]["reference"] == "shared"


def whole_test_set():
    """10,000 images: accuracy beside that of the dense network, time, balance of the balanced network."""
    if not os.path.isdir(DATA):
        skip("dataset-fashion-mnist is not installed")
    run([SCRIPT, "--inputs", "x.npy", "--labels", "y.npy"])
    pixels, labels = np.load("x.npy"), np.load("y.npy")
    assert np.array_equal(pixels[:200], np.load(os.path.join(FOLDER, "sample_inputs.npy")))
    assert np.array_equal(labels[:200], np.load(os.path.join(FOLDER, "sample_labels.npy")))
    dense = dense_right(pixels.astype(np.float64), labels)
    network = network_on("lenet300", "x.npy", "y.npy")
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    result = report(network, "--engine", "tlm", "--jobs", "2")
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"dense {dense / 1e4:.4f}, on eie64 {result['accuracy']:.4f}; {seconds:.1f} s, of the processor {processor:.1f} s")
    assert len(labels) == result["samples"] == 10000, (len(labels), result["samples"])
    assert all(layer["golden_match"] and not layer["saturated"] for layer in result["layers"])
    # 1.03 points as it was trained: half a point is the goal, and is not reached (configs/networks/lenet300/README.md).
    assert result["accuracy"] >= dense / 1e4 - 0.0115, (result["accuracy"], dense)
    assert abs(result["accuracy"] - result["float_accuracy"]) <= 0.001, result["float_accuracy"]
    assert processor < 40, processor  # under 20 s with two processors, however busy the machine is

    plain = report(network, "--engine", "tlm", "--jobs", "2", "--config", "eie4")
    even = report(network_on("lenet300-balanced", "x.npy", "y.npy"), "--engine", "tlm", "--jobs", "2", "--config", "eie4")
    print(f"on eie4: load balance {balance(plain['layers']):.4f} and accuracy {plain['accuracy']:.4f}, "
          f"pruned evenly {balance(even['layers']):.4f} and {even['accuracy']:.4f}")
    # 98.5 % as it was trained: 99 % is the goal, and is not reached (docs/lenet.md).
    assert balance(even["layers"]) > 0.98, balance(even["layers"])
    assert sum(l["cycles"] for l in even["layers"]) < sum(l["cycles"] for l in plain["layers"])


def idx(path, array):
    with gzip.open(path, "wb") as file:
        file.write(bytes((0, 0, 8, array.ndim)) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes())


def small_data():
    """A data set of its own: ten classes of noise around ten images."""
    random = np.random.default_rng(1)
    centres = random.integers(0, 256, (10, 28, 28))
    for part, count in (("train", 600), ("t10k", 100)):
        labels = np.arange(count, dtype=np.uint8) % 10
        images = np.clip(centres[labels] + random.normal(0, 20, (count, 28, 28)), 0, 255).astype(np.uint8)
        idx(f"{part}-images-idx3-ubyte.gz", images)
        idx(f"{part}-labels-idx1-ubyte.gz", labels)


def script():
    """scripts/train_lenet300 on a small data set: a few steps, files that the device runs, the same files again."""
    if subprocess.run(["/usr/bin/python3", "-c", "import torch"], capture_output=True).returncode != 0:
        skip("python3-torch is not installed")
    small_data()
    for folder in ("one", "two"):
        said = run([SCRIPT, "--data", ".", "--steps", "4", "--output", folder]).stdout
    assert "pruned evenly over 4 PEs, 15 shared values" in said, said
    assert set(os.listdir("one")) <= set(os.listdir(FOLDER)), os.listdir("one")
    for file in os.listdir("one"):
        with open(os.path.join("one", file), "rb") as a, open(os.path.join("two", file), "rb") as b:
            if not file.endswith((".npz", ".md")):
                assert a.read() == b.read(), file
    for name, values, config in (("lenet300", 15, "eie64"), ("lenet300-balanced", 15, "eie4")):
        with np.load(f"one/{name}.npz") as a, np.load(f"two/{name}.npz") as b:
            for key in a:
                assert np.array_equal(a[key], b[key]), (name, key)
            for layer, density in zip(LAYERS, DENSITIES):
                w = a[f"{layer}_weights"]
                assert abs(np.count_nonzero(w) / w.size / density - 1) <= (0.15 if "balanced" in name else 0.01) and len(np.unique(w[w != 0])) <= values, (name, layer)
                if name == "lenet300-balanced":
                    counts = [int(np.count_nonzero(w[pe::4])) for pe in range(4)]
                    assert max(counts) <= 1.4 * min(counts), (layer, counts)  # not equal: padding counts, and how often
        result = report(f"one/{name}.yaml", "--engine", "tlm", "--config", config)
        assert all(layer["golden_match"] for layer in result["layers"])
    # what the script says of bad input, and that nothing is left of it
    for words, status, part in (
            (["--steps", "4"], 2, "--steps needs --output"),
            (["--data", "nowhere"], 1, "nowhere/train-images-idx3-ubyte.gz"),
            (["--seed", "x"], 2, "'x' is not a whole number"),
            (["--data", ".", "--hold-out", "600"], 1, "expected less than the 600 training images")):
        said = run([SCRIPT, *words], status).stderr
        assert part in said, (words, part, said)
    damage()


def damage():
    """A data set that is cut, or is something else."""
    with open("t10k-images-idx3-ubyte.gz", "rb") as file:
        good = file.read()
    whole = gzip.decompress(good)
    for bad, part in ((good[:-20], "is damaged"), (whole[:-1], "has 78399 bytes after its header: expected 78400"),
                      (b"", "does not begin as an IDX file"), (b"\0\0\x08\xff" + whole[4:9], "does not begin as an IDX file"),
                      (whole[:4] + b"\xff" * 12 + whole[16:], "bytes after its header"),
                      (whole[:3] + b"\x01" + (78400 + 8).to_bytes(4, "big") + whole[8:], "has images of shape (78408,)")):
        with open("t10k-images-idx3-ubyte.gz", "wb") as file:
            file.write(bad)
        said = run([SCRIPT, "--data", ".", "--inputs", "bad.npy"], 1).stderr
        assert part in said and said.count("\n") == 1, (part, said)
        assert not os.path.exists("bad.npy")


CASES = {"committed": committed_network, "samples": samples, "whole": whole_test_set, "script": script}
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    CASES[CASE]()
