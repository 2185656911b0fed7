# SPDX-License-Identifier: Apache-2.0
"""Energy and area through the program, against what the paper prints.

Usage: energy.py EIE SOURCE_DIR ENGINE... (that have eie4). NumPy is Debian's.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

EIE, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
ENGINES = sys.argv[3:]
# Table II, mW of a PE at 800 MHz.
ROWS = {"ActQueue": 0.112, "PtrRead": 1.807, "SpmatRead": 4.955, "ArithUnit": 1.162, "ActRw": 1.122}
# The same machine draws 0.59 W (section VI); figure 7 is made with 0.6 W for every layer.
WATT = 0.59


def eie(*words, status=0):
    done = subprocess.run([EIE, *words], capture_output=True, text=True, timeout=600)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done


def report(*words):
    eie(*words, "--json", "r.json")
    with open("r.json", encoding="utf-8") as file:
        return json.load(file)


def check_sums(energy):
    total = 0.0
    for part in energy["parts"]:
        total += part["uj"]
        each = part["each"] * (1e-3 if part["unit"].startswith("mW") else 1e-6)
        assert abs(part["uj"] - part["count"] * each) <= 1e-12 * max(1, part["uj"]), part
    assert total == energy["uj"], (total, energy["uj"])


def of_the_paper():
    bench = report("bench", "--engine", "tlm")
    for layer in bench["layers"]:
        check_sums(layer["energy"])
        assert abs(layer["energy"]["power_mw"] - layer["energy"]["uj"] / layer["time_us"] * 1e3) < 1e-6 * layer["energy"]["power_mw"]
    by_name = {layer["name"]: layer for layer in bench["layers"]}
    alex7 = by_name["alex7"]
    for block, mw in ROWS.items():
        uj = sum(part["uj"] for part in alex7["energy"]["parts"] if part["block"] == block)
        ours = uj / alex7["time_us"] * 1e3 / 64
        print(f"Table II, {block}: {ours:.3f} mW, the paper {mw}")
        assert abs(ours / mw - 1) < 0.1, (block, ours, mw)
    # Not fitted: the power of the other layers, which have other shares of work, columns and padding.
    for name, layer in by_name.items():
        print(f"{name}: {layer['energy']['power_mw']:.1f} mW, the paper 590 to 600")
    near = [name for name, layer in by_name.items() if abs(layer["energy"]["power_mw"] / 1e3 / WATT - 1) < 0.1]
    assert {"alex6", "alex7", "alex8", "vgg7", "nt_wd", "nt_lstm"} <= set(near), near
    mean = bench["energy"]["uj"] / bench["time_us"] * 1e3
    assert abs(mean / 1e3 / WATT - 1) < 0.1, mean
    check_sums(bench["energy"])
    assert abs(bench["energy"]["uj"] - sum(layer["energy"]["uj"] for layer in bench["layers"])) < 1e-9 * bench["energy"]["uj"]
    assert abs(bench["area"]["mm2"] / 40.8 - 1) < 0.02
    # Table V: 64 PEs on AlexNet's FC7: power and area, and frames. Table III's rounded densities give more entries than the
    # paper's own layer had, which Table IV implies: 11.7 us theoretical at 64 entries a cycle. An entry takes as long.
    assert abs(alex7["energy"]["power_mw"] / 590 - 1) < 0.05
    frames = alex7["energy"]["frames_per_s"]
    more = alex7["work"]["entries"] / (11.7 * 800 * 64)
    print(f"64 PEs: {frames:.0f} frames/s, the paper 81,967, with {more:.3f} times its entries; {alex7['energy']['frames_per_j']:.0f} frames/J, the paper 138,927")
    assert abs(frames / 81967 - 1) < 0.1 and abs(more * frames / 81967 - 1) < 0.05, frames
    assert abs(alex7["energy"]["frames_per_j"] / 138927 - 1) < 0.1
    assert abs(more * alex7["energy"]["frames_per_j"] / 138927 - 1) < 0.05
    scaled = report("bench", "--engine", "tlm", "--layers", "alex7", "--config", "eie256", "--set", "clock_mhz=1200", "--technology", "scaled28")
    print(f"256 PEs at 28 nm: {scaled['energy']['power_mw']:.0f} mW, the paper 2360; {scaled['area']['mm2']:.1f} mm2, the paper 63.8")
    assert abs(scaled["area"]["mm2"] / 63.8 - 1) < 0.05
    # Table V scales no power, and neither does scaled28; frames are ours.
    assert abs(scaled["energy"]["power_mw"] / 2360 - 1) < 1e-6
    frames = scaled["energy"]["frames_per_s"]
    print(f"256 PEs at 28 nm: {frames:.0f} frames/s, the paper 426,230; {scaled['energy']['frames_per_j']:.0f} frames/J, the paper 180,606")
    assert abs(frames / 426230 - 1) < 0.05, frames
    assert abs(scaled["energy"]["frames_per_j"] / 180606 - 1) < 0.05


def of_every_engine():
    rng = np.random.default_rng(1)
    np.save("w.npy", np.where(rng.random((40, 60)) < 0.3, rng.integers(-7, 8, (40, 60)), 0) / 8)
    np.save("a.npy", rng.random((3, 60)) * (rng.random((3, 60)) < 0.4))
    layer = ["w.npy", "a.npy", "--config", "eie4"]
    of = {engine: report("run", *layer, "--engine", engine)["energy"] for engine in ENGINES}
    hw, tlm = of["hw"], of["tlm"]
    assert all(energy == hw for energy in of.values()) and hw["frames"] == 3, of
    check_sums(hw)
    assert abs(hw["frames_per_j"] - 3 / hw["uj"] * 1e6) < 1e-6 * hw["frames_per_j"]
    ours = report("run", *layer, "--engine", "tlm", "--technology", "ours45")
    assert ours["energy"]["technology"] == "ours45" and ours["energy"]["uj"] != tlm["uj"]
    done = eie("run", *layer, "--engine", "tlm")
    assert "  energy        " in done.stdout and "frames/J (paper45)" in done.stdout and "  area          " in done.stdout, done.stdout
    both = eie("compare", "w.npy", "a.npy", "--config", "eie4", "--config", "eie16", "--engine", "tlm", "--json", "c.json")
    for head in ("energy (uJ)", "power (mW)", "area (mm2)"):
        assert head in both.stdout, both.stdout
    # Without counters, and outside the rules: no number, and the reason.
    for change, part in [("pe_counters=false", "no counters in its PEs"), ("spmat_depth=131072", "Spmat of 1024 KB")]:
        refused = report("run", *layer, "--engine", "tlm", "--set", change)["energy"]
        assert set(refused) == {"technology", "refused"} and part in refused["refused"], refused
        assert "not known (paper45): " in eie("run", *layer, "--engine", "tlm", "--set", change).stdout
    assert report("run", *layer, "--engine", "tlm", "--set", "look_ahead=2")["energy"]["without"] == ["look_ahead"]
    with open("bad.yaml", "w", encoding="utf-8") as file:
        file.write("name: bad\n")
    for words, part in [(["--technology", "paper46"], "nearest: paper45"), (["--technology", "bad.yaml"], "bad.yaml"), (["--technology", "none.yaml"], "none.yaml: does not exist")]:
        for command in (["run", *layer], ["bench", "--layers", "alex7"], ["compare", *layer, "--engine", "hw", "--engine", "tlm"], ["network", "digits"]):
            said = eie(*command, *words, status=2).stderr
            assert part in said and said.count("\n") == 1, said


def technologies_are_current():
    done = subprocess.run([os.path.join(SOURCE, "scripts/technology"), "--check", "--eie", EIE], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    technologies_are_current()
    of_every_engine()
    of_the_paper()
    os.chdir("/")
print("passed")
