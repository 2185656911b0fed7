# SPDX-License-Identifier: Apache-2.0
"""eie sweep through the program: killed, in parts, in memory, on engine hw, with Optuna, as HDF5.

Usage: sweep.py EIE SOURCE_DIR CASE. CASE: killed, parts, memory, hw, hw_slow, search, hdf5. What a case needs and does not find
is named, and the status is 77.
"""
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

EIE, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SEED = int(os.environ.get("EIE_SEED", "1"))
WORKLOAD = "n_pe: 4\nfifo_depths: [8]\nlayers:\n"
LAYER = ("  - {{name: {}, inputs: {}, outputs: {}, weight_density: {}, activation_density: {}, time_us: 1, theoretical_us: 1, "
         "load_balance: [1]}}\n")


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def read(name):
    with open(name, "rb") as file:
        return file.read()


def eie(*words, status=0, **more):
    done = subprocess.run([EIE, "sweep", *words], capture_output=True, text=True, timeout=900, **more)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done


def rows(folder):
    with open(os.path.join(folder, "table.csv"), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def layers(count, largest=96):
    """A workload of small layers, drawn."""
    draw = random.Random(SEED)
    text = WORKLOAD
    for k in range(count):
        text += LAYER.format(f"l{k}", draw.randint(1, largest), draw.randint(1, largest), round(draw.uniform(0.02, 0.6), 3),
                             round(draw.uniform(0.1, 1), 3))
    write("layers.yaml", text)


def space(base, layer_list, keys, more=""):
    write("space.yaml", f"base: {base}\nworkload: layers.yaml\nlayers: {layer_list}\n{more}" +
          ("keys:\n" + "".join(f"  {key}: {values}\n" for key, values in keys.items()) if keys else ""))


def killed():
    """Killed at 20 random moments, the table is that of a sweep that nobody disturbed, and no point was done twice."""
    layers(6, 1200)
    space("eie4", "all", {"n_pe": [4, 16, 64], "queue_depth": [1, 3, 7, 15], "look_ahead": [0, 2, 4], "spmat_width": [64, 128]})
    begin = time.monotonic()
    eie("space.yaml", "--output", "whole")
    took = time.monotonic() - begin
    points = len(rows("whole"))
    draw = random.Random(SEED)
    kills, in_the_middle = 0, 0
    while kills < 20:
        child = subprocess.Popen([EIE, "sweep", "space.yaml", "--output", "killed"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0, took / 8))
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
        child.wait()
        kills += 1
        done = read("killed/journal").count(b"\n") - 1 if os.path.exists("killed/journal") else 0
        if 0 < done < points:
            in_the_middle += 1
    said = eie("space.yaml", "--output", "killed")
    assert read("killed/table.csv") == read("whole/table.csv")
    lines = read("killed/journal").decode().splitlines()[1:]
    indices = [line.split("\t")[0] for line in lines]
    assert len(indices) == points == len(set(indices)), (len(indices), points)
    print(f"{points} points in {took:.1f} s; of 20 kills {in_the_middle} left some points done; at the end: {said.stderr.strip()}")
    assert in_the_middle >= 5, "kills came too early or too late"


def parts():
    """Parts in any order, one of them killed and started again, make the table of one run; Ctrl-C keeps what is done."""
    layers(4, 600)
    space("eie4", "all", {"n_pe": [4, 16], "queue_depth": [1, 3, 7, 15], "look_ahead": [0, 2]}, "balance: [none, rows]\n")
    eie("space.yaml", "--output", "whole", "--jobs", "1")
    eie("space.yaml", "--output", "two", "--jobs", "2")
    assert read("whole/table.csv") == read("two/table.csv")
    child = subprocess.Popen([EIE, "sweep", "space.yaml", "--output", "parts", "--part", "2/3"], stdout=subprocess.DEVNULL)
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    assert child.wait() in (0, -signal.SIGINT), child.returncode
    for part in (3, 1, 2):
        eie("space.yaml", "--output", "parts", "--part", f"{part}/3")
    eie("space.yaml", "--output", "parts", "--merge", "--json", "merged.json")
    assert read("parts/table.csv") == read("whole/table.csv")
    with open("merged.json", encoding="utf-8") as file:
        assert json.load(file)["points_done"] == len(rows("whole"))
    running = subprocess.Popen([EIE, "sweep", "space.yaml", "--output", "busy"], stdout=subprocess.DEVNULL)
    while not os.path.exists("busy/journal") and running.poll() is None:
        time.sleep(0.001)
    second = subprocess.run([EIE, "sweep", "space.yaml", "--output", "busy"], capture_output=True, text=True)
    running.wait()
    assert second.returncode in (0, 2), second
    if second.returncode == 2:
        assert "is in use by another process: expected one sweep at a time" in second.stderr, second.stderr


def peak(*words):
    """Resident memory of a sweep at its highest, KB."""
    child = subprocess.Popen([EIE, "sweep", *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, status
    return usage.ru_maxrss


def memory():
    """2,000 points need no more memory than 200 do."""
    layers(2, 900)
    keys = {"n_pe": [4, 16], "skip_padding": ["false", "true"]}
    space("eie4", "all", {**keys, "queue_depth": [1, 3, 5, 7, 15], "look_ahead": [0, 1, 2, 3, 4]})
    few = peak("space.yaml", "--output", "few", "--jobs", "2")
    space("eie4", "all", {**keys, "queue_depth": "{from: 1, to: 16, step: 1}", "look_ahead": "{from: 0, to: 15, step: 1}"})
    many = peak("space.yaml", "--output", "many", "--jobs", "2")
    few_points, many_points = len(rows("few")), len(rows("many"))
    print(f"{few_points} points: {few / 1024:.1f} MiB; {many_points} points: {many / 1024:.1f} MiB")
    assert many_points >= 10 * few_points
    assert many < 1.15 * few + 4 * 1024, (few, many)


def on_hw(count, sample):
    """Points on configurations that engine hw is compiled for give its cycles, counters and outputs."""
    layers(count)
    bases = [name for name in ("eie4", "eie4-plus", "eie4-lean", "eie4-ecc", "eie16")]
    space("[" + ", ".join(bases) + "]", "all", {}, "balance: [none, windows]\nseed: [1, 2, 3, 4, 5]\n")
    eie("space.yaml", "--output", "out", "--sample", str(sample), "--json", "r.json")
    with open("r.json", encoding="utf-8") as file:
        report = json.load(file)
    print({key: value for key, value in report["sample"].items() if key != "points"}, report["counts"])
    assert report["sample"]["compiled"] > 0 and not report["sample"]["differences"]
    ran = {report["points"][index]["config"] for index in report["sample"]["points"]}
    print("configurations:", sorted(ran))
    assert report["sample"]["agreed"] == min(sample, report["sample"]["compiled"])
    return report


def hw():
    on_hw(4, 24)


def hw_slow():
    report = on_hw(120, 1000)
    assert report["sample"]["agreed"] == 1000, report["sample"]["agreed"]


def search():
    """A search finds what an enumeration knows to be good; ended in the middle it goes on to the same end."""
    if subprocess.run(["/usr/bin/python3", "-c", "import optuna"], capture_output=True).returncode != 0:
        print("python3-optuna is not installed")
        sys.exit(77)
    layers(1, 600)
    space("eie4", "all", {"n_pe": [4, 8, 16, 32, 64], "queue_depth": [1, 2, 3, 5, 7, 11, 15], "look_ahead": [0, 1, 2, 3, 4],
                          "spmat_width": [32, 64, 128]})
    eie("space.yaml", "--output", "whole")
    known = sorted(float(row["energy_uj"]) * float(row["time_us"]) for row in rows("whole") if row["status"] == "ok")
    words = ("space.yaml", "--optimize", "energy_delay", "--trials", "60")
    eie(*words, "--output", "once", "--json", "once.json")
    with open("once.json", encoding="utf-8") as file:
        found = json.load(file)["search"]
    place = sum(1 for value in known if value < found["value"])
    print(f"{found}: {place} of {len(known)} points are better")
    assert place < len(known) * 0.05
    best = rows("once")[[row["index"] for row in rows("once")].index(str(found["best"]))]
    assert abs(float(best["energy_uj"]) * float(best["time_us"]) - found["value"]) < 1e-12 * found["value"] + 1e-15
    child = subprocess.Popen([EIE, "sweep", *words, "--output", "twice"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while (not os.path.exists("twice/journal") or read("twice/journal").count(b"\n") < 5) and child.poll() is None:
        time.sleep(0.01)
    child.kill()
    child.wait()
    eie(*words, "--output", "twice", "--json", "twice.json")
    with open("twice.json", encoding="utf-8") as file:
        again = json.load(file)
    assert again["search"] == found and again["points_found"] >= 4, again
    assert read("once/table.csv") == read("twice/table.csv")


def hdf5():
    """The same numbers in table.csv and table.h5, read by h5py."""
    try:
        import h5py  # Debian's
    except ImportError:
        print("python3-h5py is not installed")
        sys.exit(77)
    layers(3)
    space("[eie4, eie16]", "all", {"registers": [4, 16], "data_width": [8, 16], "skip_padding": ["false", "true"]})
    eie("space.yaml", "--output", "out", "--format", "csv,hdf5")
    with h5py.File("out/table.h5", "r") as file:
        for column, values in file["columns"].items():
            names = file["names"][column].attrs if column in file["names"] else None
            for row, value in zip(rows("out"), values[()]):
                if names is not None:
                    seen = "" if value != value else names[str(int(value))]
                    assert seen == row[column], (column, seen, row[column])
                elif row[column] in ("true", "false"):
                    assert value == (row[column] == "true"), (column, value)
                else:
                    assert (value != value) == (row[column] == "") and (value != value or value == float(row[column])), (column, value)
        missing = set(rows("out")[0]) - set(file["columns"])
        assert missing == {"digest", "reason"}, missing


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        {"killed": killed, "parts": parts, "memory": memory, "hw": hw, "hw_slow": hw_slow, "search": search, "hdf5": hdf5}[sys.argv[3]]()
        os.chdir("/")


if __name__ == "__main__":
    main()
