# SPDX-License-Identifier: Apache-2.0
"""The paper's nine layers on a configuration, for the studies of docs/."""
import json
import math
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def add_options(parser):
    parser.add_argument("--eie", default=str(ROOT / "build/release/eie"), help="the program; default: of the release build")
    parser.add_argument("--seed", type=int, default=1, help="of the layers; default: 1")


def bench(options, folder, config, changes=(), engine="tlm", more=()):
    """Reports of the layers by name; `changes`: keys of the configuration and their values; `more`: further arguments. Each must
    match the golden model."""
    report = folder / "report.json"
    command = [options.eie, "bench", "--config", str(ROOT / "configs" / (config + ".yaml")), "--engine", engine,
               "--seed", str(options.seed), "--workload", str(ROOT / "configs/workloads/paper.yaml"), "--json", str(report)]
    for key, value in changes:
        command += ["--set", f"{key}={value}"]
    command += more
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with status {done.returncode}")
    layers = json.loads(report.read_text())["layers"]
    if not all(layer["golden_match"] for layer in layers):
        sys.exit(f"{config} {dict(changes)}: a layer does not match the golden model")
    return {layer["name"]: layer for layer in layers}


def geometric_mean(ratios):
    ratios = list(ratios)
    return math.exp(sum(map(math.log, ratios)) / len(ratios))
