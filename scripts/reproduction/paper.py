# SPDX-License-Identifier: Apache-2.0
"""The paper's values: configs/paper/*.csv, each with its source in its first lines, and configs/workloads/paper.yaml."""
import csv
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "configs" / "paper"
WORKLOAD = ROOT / "configs" / "workloads" / "paper.yaml"
LAYERS = {"alex6": "Alex-6", "alex7": "Alex-7", "alex8": "Alex-8", "vgg6": "VGG-6", "vgg7": "VGG-7", "vgg8": "VGG-8",
          "nt_we": "NT-We", "nt_wd": "NT-Wd", "nt_lstm": "NT-LSTM"}
# What a matrix of independent entries can stand for; the other three need the networks' own (docs/workloads.md).
SIX = ("alex6", "alex7", "alex8", "vgg7", "vgg8", "nt_we")
PES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
CLOCK_MHZ = 800


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def rows(name):
    """Lines of configs/paper/NAME.csv as dictionaries of text."""
    with open(FOLDER / (name + ".csv"), encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def source(name):
    """Its comment: where the values are from."""
    with open(FOLDER / (name + ".csv"), encoding="utf-8") as file:
        return " ".join(line[1:].strip() for line in file if line.startswith("#"))


def by(name, *keys):
    """{key or keys: {other column: number}} of configs/paper/NAME.csv."""
    found = {}
    for row in rows(name):
        key = tuple(row.pop(k) for k in keys)
        found[key if len(keys) > 1 else key[0]] = {column: number(value) for column, value in row.items()}
    return found


def workload():
    """{layer: its entry in the workload}: Table III, EIE's rows of Table IV, Figure 8."""
    with open(WORKLOAD, encoding="utf-8") as file:
        return {layer["name"]: layer for layer in yaml.safe_load(file)["layers"]}


def figure8():
    """{layer: {FIFO: percent}}"""
    with open(WORKLOAD, encoding="utf-8") as file:
        whole = yaml.safe_load(file)
    return {layer["name"]: dict(zip(whole["fifo_depths"], (100 * v for v in layer["load_balance"]))) for layer in whole["layers"]}


def percent_by_pe(name):
    """{layer: {PEs: percent}} of Figures 12 and 13; the topmost line of pixels is 100."""
    return {layer: {int(pe): 100.0 if value >= 99.7 and name == "figure12" else min(100.0, value) for pe, value in row.items()}
            for layer, row in by(name, "layer").items()}


def entries_implied(layer):
    """Entries, padding included, that Table IV's theoretical time stands for."""
    return layer["theoretical_us"] * CLOCK_MHZ * 64
