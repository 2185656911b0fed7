#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Containers through the program: eie convert, run, network, encode, export, inspect; and what h5py and h5dump read in them.

usage: container_test.py EIE SOURCE_FOLDER

Exits with 77 where NumPy is not installed; without h5py, SciPy or h5dump their parts are left out, and said so.
"""
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: Debian's python3-numpy is not installed")
    sys.exit(77)
try:
    import h5py
except ImportError:
    h5py = None
try:
    import scipy.sparse
except ImportError:
    scipy = None

EIE, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SEED = int(os.environ.get("EIE_SEED", "1"))
failures = []


def expect(what, condition, more=""):
    if not condition:
        failures.append(what)
        print(f"FAILED: {what} {more}")


def eie(*arguments, status=0):
    run = subprocess.run([EIE, *arguments], capture_output=True, text=True, check=False)
    expect(f"eie {' '.join(arguments)} ends with {status}", run.returncode == status, f"{run.returncode}: {run.stdout}{run.stderr}")
    return run


def report(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def bits(array):
    return np.ascontiguousarray(array, "<f8").tobytes()


def layers():
    """A pruned layer of 15 values with a bias, and its input."""
    r = np.random.default_rng(SEED)
    values = np.sort(r.normal(size=15))
    w = np.where(r.random((300, 200)) < 0.1, r.choice(values, (300, 200)), 0.0)
    w[299, 199] = values[3]
    np.save("w.npy", w)
    np.save("b.npy", r.normal(size=300))
    np.save("a.npy", np.where(r.random(200) < 0.4, r.random(200), 0))
    return w


def read_by_the_page(path, layer):
    """docs/formats.md, word by word: the weights of a layer, from the image."""
    with h5py.File(path, "r") as file:
        group = file[layer]
        image = group["image"]
        n_pe, width = int(image.attrs["n_pe"]), int(image.attrs["code_width"])
        w = np.zeros((int(group.attrs["rows"]), int(group.attrs["columns"])))
        values, counts, entries = group["codebook/values"][()], image["column_entries"][()], image["entries"][()]
        at = first_local = 0
        for block, local_rows in enumerate(image["local_rows"][()]):
            for pe in range(n_pe):
                for j in range(w.shape[1]):
                    local = first_local
                    for entry in entries[at:at + counts[block, pe, j]]:
                        local += int(entry) >> width
                        code = int(entry) & (1 << width) - 1
                        if code:
                            w[local * n_pe + pe, j] = values[code]
                        local += 1
                    at += counts[block, pe, j]
            first_local += int(local_rows)
        return w, str(group.attrs["codes_sha256"]), group["codebook/values"][()]


def page_digest(w, values):
    digest = hashlib.sha256(np.array(w.shape, "<u8").tobytes())
    for column in w.T:
        rows = np.flatnonzero(column)
        codes = np.array([1 + list(values[1:]).index(x) for x in column[rows]], "u1")
        digest.update(np.array([len(rows)], "<u4").tobytes() + rows.astype("<u4").tobytes() + codes.tobytes())
    return digest.hexdigest()


def test_readers(w):
    eie("convert", "w.npy", "w.eie", "--bias", "b.npy", "--relu")
    with open("w.eie", "rb") as file:
        start, rest = file.read(512).decode(), file.read()
    lines = start.split("\n")
    expect("the text in front", lines[0] == "EIE container, format 1" and lines[1] == f"size {len(rest)}" and
           lines[2] == "sha256 " + hashlib.sha256(rest).hexdigest(), start)
    if h5py is None:
        print("left out: python3-h5py is not installed")
    else:
        seen, digest, values = read_by_the_page("w.eie", "layer0")
        expect("h5py finds the weights", bits(seen) == bits(w))
        expect("the digest is that of the page", digest == page_digest(w, values))
        with h5py.File("w.eie", "r") as file:
            expect("h5py finds the bias", bits(file["layer0/bias"][()]) == bits(np.load("b.npy")))
            expect("h5py finds name and ReLU", file["layer0"].attrs["name"] == "w" and file["layer0"].attrs["relu"] == 1)
    if shutil.which("h5dump") is None:
        print("left out: hdf5-tools is not installed")
    else:
        dump = subprocess.run(["h5dump", "-H", "w.eie"], capture_output=True, text=True, check=False)
        expect("h5dump reads it", dump.returncode == 0 and 'DATASET "column_entries"' in dump.stdout, dump.stderr)


def test_run():
    for config in ("eie64", "eie4"):
        more = ["a.npy", "--config", config, "--engine", "tlm"]
        eie("run", "w.npy", *more, "--bias", "b.npy", "--relu", "--raw-output", "y0.npy", "--json", "0.json")
        taken = eie("run", "w.eie", *more, "--raw-output", "y1.npy", "--json", "1.json")
        eie("run", "w.eie:w", *more, "--raw-output", "y2.npy")
        y = [np.load(f"y{k}.npy").tobytes() for k in range(3)]
        expect(f"{config}: outputs are those of the matrix", y[0] == y[1] == y[2])
        plain, stored = report("0.json"), report("1.json")
        for key in ("cycles", "work", "formats", "codebook", "weight_sharing", "golden_match", "saturated", "launches"):
            expect(f"{config}: {key} is that of the matrix", plain[key] == stored[key], f"{plain[key]} {stored[key]}")
        expect("the reference is named", [plain["float_error"]["reference"], stored["float_error"]["reference"]] == ["weights", "shared"])
        expect("what was taken is said", "w.eie: bias and ReLU are taken from the container too" in taken.stderr, taken.stderr)
        expect("the table says it too", "against the shared values of the container" in taken.stdout)
    # What an option says counts.
    np.save("zero.npy", np.zeros(300))
    eie("run", "w.eie", "a.npy", "--engine", "tlm", "--bias", "zero.npy", "--output", "y0.npy")
    eie("run", "w.npy", "a.npy", "--engine", "tlm", "--bias", "zero.npy", "--relu", "--output", "y1.npy")
    expect("--bias counts", np.load("y0.npy").tobytes() == np.load("y1.npy").tobytes())


def test_other_commands(w):
    for source, folder in (("w.npy", "enc0"), ("w.eie", "enc1")):
        eie("encode", source, "--output", folder)
    names = sorted(os.listdir("enc0"))
    expect("encode writes the same", names == sorted(os.listdir("enc1")) and
           all(open(f"enc0/{n}", "rb").read() == open(f"enc1/{n}", "rb").read() for n in names))
    eie("export", "w.npy", "a.npy", "--config", "eie4", "--bias", "b.npy", "--relu", "--output", "x0")
    eie("export", "w.eie:w", "a.npy", "--config", "eie4", "--output", "x1")
    for name in ("stimulus.txt", "expected.txt"):
        a, b = (open(f"{f}/{name}", encoding="utf-8").read().replace("w.eie:w", "w.npy") for f in ("x0", "x1"))
        expect(f"export writes the same {name}", a == b)
    eie("compare", "w.eie", "a.npy", "--config", "eie4", "--config", "eie64", "--engine", "tlm")
    eie("inspect", "w.eie", "--json", "i1.json")
    eie("inspect", "w.npy", "--json", "i0.json")
    expect("inspect counts the same", report("i1.json")["layers"][0]["work"] == report("i0.json")["layers"][0]["work"])
    eie("why", "w.eie", "a.npy", "--config", "eie4", "--engine", "tlm", "--pe", "0", "--cycle", "5")
    del w


def test_network():
    digits = os.path.join(SOURCE, "configs/networks/digits")
    eie("convert", "digits", "digits.eie")
    samples = ["--samples", "50", "--engine", "tlm"]
    eie("network", "digits", *samples, "--raw-output", "y0.npy", "--json", "0.json")
    with open(os.path.join(digits, "digits.yaml"), encoding="utf-8") as file:
        keys = dict(line.split(": ", 1) for line in file.read().split("\n") if line.startswith(("inputs: ", "labels: ")))
    data = ["--inputs", os.path.join(digits, keys["inputs"]), "--labels", os.path.join(digits, keys["labels"])]
    eie("network", "digits.eie", *data, *samples, "--raw-output", "y1.npy", "--json", "1.json")
    expect("the network's outputs are the same", np.load("y0.npy").tobytes() == np.load("y1.npy").tobytes())
    expect("and its accuracy", report("0.json")["accuracy"] == report("1.json")["accuracy"])
    eie("convert", "digits.eie", "folder", "--to", "yaml")
    eie("network", "folder/network.yaml", *data, *samples, "--raw-output", "y2.npy")
    expect("a folder too", np.load("y0.npy").tobytes() == np.load("y2.npy").tobytes())
    expect("a folder that is there is refused", "--force" in eie("convert", "digits.eie", "folder", "--to", "yaml", status=2).stderr)
    eie("convert", "digits.eie", "folder", "--to", "yaml", "--force")
    eie("convert", "digits.eie", "digits4.eie", "--config", "eie4")
    eie("convert", "digits4.eie", "again.eie")
    expect("codes survive another configuration", open("again.eie", "rb").read() == open("digits.eie", "rb").read())
    run = eie("network", "digits.eie", *samples, status=2)
    expect("inputs are asked for", "names no inputs: expected --inputs FILE" in run.stderr, run.stderr)
    run = eie("convert", "digits.eie", "one.npy", status=2)
    expect("which layer is asked for", "expected one for --to npy, or digits.eie:LAYER" in run.stderr, run.stderr)


def test_matrices(w):
    r = np.random.default_rng(SEED)
    full = r.normal(size=(70, 33)) * 10.0 ** r.integers(-300, 149, (70, 33))
    full[r.random(full.shape) < 0.5] = 0
    full[0, 0], full[1, 1], full[2, 2] = 5e-324, 1e150, 2.0 ** 53 + 2
    np.save("full.npy", full)
    chain = ["full.npy", "1.npz", "2.mtx", "3.csv", "4.tsv", "5.npy", "6.csv", "7.npz", "8.npy"]
    for source, target in zip(chain, chain[1:]):
        eie("convert", source, target)
        if target.endswith("npy"):
            expect(f"{target} is the same, bit for bit", bits(np.load(target)) == bits(full))
    if scipy is not None:
        expect("SciPy reads the archive", bits(scipy.sparse.load_npz("1.npz").toarray()) == bits(full))
    expect("NumPy reads the table", bits(np.loadtxt("3.csv", delimiter=",")) == bits(full))
    eie("convert", "w.eie", "back.npy")
    expect("the weights come back", bits(np.load("back.npy")) == bits(w))
    eie("convert", "w.eie:w.bias", "bias.npy")
    expect("the bias comes back", np.load("bias.npy").shape == (300,) and bits(np.load("bias.npy")) == bits(np.load("b.npy")))
    eie("convert", "b.npy", "bias.csv")
    for arguments, text in ((["w.npy", "w.h5"], "OUT is 'w.h5'"), (["w.npy", "x", "--to", "npyy"], "nearest: npy"),
                            (["w.npy", "x.npy", "--relu"], "--relu with --to npy"), (["w.npy", "w.npy"], "is the file of IN too"),
                            (["w.eie", "w.eie"], "is the file of IN too"), (["w.npy"], "--out is missing"),
                            (["a.npy", "a.eie"], "a.npy"), (["digits", "d.eie", "--relu"], "--relu with a network")):
        run = eie("convert", *arguments, status=2)
        expect(f"convert {arguments} says what is wrong", text in run.stderr and run.stderr.count("\n") == 1, run.stderr)


def test_damage():
    with open("digits.eie", "rb") as file:
        whole = file.read()
    r = random.Random(SEED)
    cases = [whole[:size] for size in [0, 1, 20, 100, 511, 512, 513, len(whole) - 1] + [r.randrange(len(whole)) for _ in range(4)]]
    for _ in range(12):
        at = r.randrange(len(whole))
        cases.append(whole[:at] + bytes([whole[at] ^ 1 + r.randrange(255)]) + whole[at + 1:])
    before = sorted(os.listdir("."))
    for k, damaged in enumerate(cases):
        with open("damaged.eie", "wb") as file:
            file.write(damaged)
        for command in (["network", "damaged.eie", "--inputs", "a.npy"], ["run", "damaged.eie:fc1", "a.npy"],
                        ["convert", "damaged.eie", "out.eie"]):
            run = eie(*command, status=2)
            expect(f"case {k}: one line", run.stderr.count("\n") == 1 and "damaged.eie" in run.stderr, run.stderr)
    expect("nothing is written", sorted(os.listdir(".")) == sorted(before + ["damaged.eie"]))


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        w = layers()
        test_readers(w)
        test_run()
        test_other_commands(w)
        test_network()
        test_matrices(w)
        test_damage()
        os.chdir("/")
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
