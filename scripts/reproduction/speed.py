# SPDX-License-Identifier: Apache-2.0
"""Figures 6 and 7: speed and energy against CPU, GPU and mobile GPU."""
import itertools
import json

from . import paper
from .drawing import bars
from .runs import Failure
from .tables import EIE64, PLUS, time_reason
from .value import Part, Value

LAYERS = paper.LAYERS
METHOD_WATT = 0.600  # Figure 7's power of EIE, whatever the layer: its labels are exactly that
MACHINES = [("CPU sparse", "CPU", "sparse"), ("GPU dense", "GPU", "dense"), ("GPU sparse", "GPU", "sparse"), ("mGPU dense", "mGPU", "dense"),
            ("mGPU sparse", "mGPU", "sparse")]
LABELS = {"nt_we": "The figure's label is 63; Table IV's own times give 605.0 / 8.0 = 75.6. ",
          "nt_lstm": "The figure's label is 60; Table IV's own times give 470.5 / 7.5 = 62.7. "}
BASELINES = ("docs/reports/baseline/cpu.json", "docs/reports/baseline/cuda.json")


def mean(numbers):
    product = 1.0
    numbers = list(numbers)
    for n in numbers:
        product *= n
    return product ** (1 / len(numbers))


def measured():
    """[(machine, method, {layer: {kind: us or uJ}})] of the baselines that were measured on this project's machines."""
    found = []
    for name in BASELINES:
        path = paper.ROOT / name
        if path.exists():
            try:
                whole = json.loads(path.read_text(encoding="utf-8"))
                found.append((whole["machine"], whole["method"], whole["layers"]))
            except (ValueError, KeyError, TypeError) as error:
                raise Failure(f"{name}: {error}: expected an object with machine, method and layers") from error
    return found


def dense_us():
    return paper.by("table4", "platform", "batch", "type")[("CPU", "1", "dense")]


def means(values, quantity, unit, label):
    """Geometric means over six and nine layers, of the labels and of what is shown; `label` is the one that the paper prints."""
    own = [v for v in values if v.quantity == quantity]
    six = [v for v in own if v.layer in {LAYERS[name] for name in paper.SIX}]
    found = []
    for title, chosen in (("geometric mean of six", six), ("geometric mean of nine", own)):
        value = Value(title, quantity, "", unit, mean(v.paper for v in chosen), mean(v.ours for v in chosen),
                      mean(v.beyond for v in chosen), origin="simulated")
        if title.endswith("nine") and label:
            value.reason = (f"The paper prints {label}. VGG-6, NT-Wd and NT-LSTM are not among the six: their real matrices are denser or "
                            "more clustered than Table III's densities say. The device is faster on the matrices that the rule makes.")
        found.append(value)
    return found


def values6(reports):
    labels = paper.by("figure6", "machine")
    dense = dense_us()
    found = []
    for name, title in LAYERS.items():
        layer, plus, given = reports[EIE64]["layers"][name], reports[PLUS]["layers"][name], paper.workload()[name]
        value = Value(title, "EIE", "", "times", labels["EIE"][name], dense[name] / layer["time_us"], dense[name] / plus["time_us"])
        if not value.within:
            value.reason = LABELS.get(name, "") + time_reason(name, layer)
        table = Value(title, "EIE, from Table IV", "", "times", dense[name] / given["time_us"], value.ours, value.beyond)
        if not table.within:
            table.reason = time_reason(name, layer)
        found += [value, table]
    found += means(found, "EIE", "times", f"{labels['EIE']['geomean']:.0f}") + means(found, "EIE, from Table IV", "times", "")
    for value in found[-2:]:
        if not value.reason and value.layer.endswith("nine"):
            value.reason = "As above; Table IV's times give another mean than the labels, which have 63 for NT-We."
    for machine, _, _ in MACHINES:
        found += [Value(LAYERS[name], machine, "", "times", labels[machine][name], None, origin="") for name in LAYERS]
        found.append(Value("geometric mean of nine", machine, "", "times", labels[machine]["geomean"], None, origin=""))
    for machine, _, layers in measured():
        for kind, batch in itertools.product(("dense", "sparse"), (1, 64)):
            for name, title in LAYERS.items():
                us = layers.get(name, {}).get(f"{kind}_b{batch}_us")
                if us:
                    found.append(Value(title, f"{machine}: {kind}, batch {batch}", "", "times", None, dense[name] / us, origin="measured"))
    return found


def cpu_power():
    """W, dense, batch 1. For the NeuralTalk layers nothing is published: what Figure 7's labels stand for."""
    published = paper.by("power", "platform", "batch", "type")[("CPU", "1", "dense")]
    labels = paper.by("figure7", "machine")["EIE"]
    return {name: published.get(name) or labels[name] * METHOD_WATT * paper.workload()[name]["time_us"] / dense_us()[name]
            for name in LAYERS}


def values7(reports):
    labels = paper.by("figure7", "machine")
    dense, power = dense_us(), cpu_power()
    found = []
    for name, title in LAYERS.items():
        layer, plus = reports[EIE64]["layers"][name], reports[PLUS]["layers"][name]
        cpu = dense[name] * power[name]  # uJ
        by_power = Value(title, "EIE at 0.600 W", "", "times", labels["EIE"][name], cpu / (METHOD_WATT * layer["time_us"]),
                         cpu / (METHOD_WATT * plus["time_us"]))
        by_events = Value(title, "EIE by events", "", "times", labels["EIE"][name], cpu / layer["energy"]["uj"], cpu / plus["energy"]["uj"])
        for value in (by_power, by_events):
            if not value.within:
                value.reason = time_reason(name, layer)
        if not by_events.within:
            milliwatt = layer["energy"]["power_mw"]
            by_events.reason += f" The events of this layer make {milliwatt:.0f} mW; the paper takes 600 mW for every layer."
        found += [by_power, by_events]
    text = f"{labels['EIE']['geomean']:,.0f}"
    found += means(found, "EIE at 0.600 W", "times", text) + means(found, "EIE by events", "times", text)
    for machine, _, _ in MACHINES:
        found += [Value(LAYERS[name], machine, "", "times", labels[machine][name], None, origin="") for name in LAYERS]
        found.append(Value("geometric mean of nine", machine, "", "times", labels[machine]["geomean"], None, origin=""))
    for machine, _, layers in measured():
        for name, title in LAYERS.items():
            uj = layers.get(name, {}).get("energy_uj")
            if uj:
                found.append(Value(title, f"{machine}, the better of sparse and dense", "", "times", None, dense[name] * power[name] / uj,
                                   origin="measured"))
    return found


def chart(quantity, ylabel):
    def draw(figure, values):
        groups = [*LAYERS.values(), "geomean"]
        series = []

        def add(title, chosen, get):
            series.append((title, {("geomean" if v.layer == "geometric mean of nine" else v.layer): get(v) for v in chosen}))

        for machine, _, _ in MACHINES:
            add(machine + " (paper)", [v for v in values if v.quantity == machine], lambda v: v.paper)
        others = dict.fromkeys(v.quantity for v in values if v.origin == "measured")
        for machine in others:
            add(machine, [v for v in values if v.quantity == machine], lambda v: v.ours)
        eie = [v for v in values if v.quantity == quantity]
        add("EIE (paper)", eie, lambda v: v.paper)
        add("EIE here: eie64", eie, lambda v: v.ours)
        add("ours: eie64-plus, balanced", eie, lambda v: v.beyond)
        figure.set_figwidth(9.6 + 0.6 * len(others))
        bars(figure, groups, series, ylabel, {"EIE (paper)", "EIE here: eie64", "ours: eie64-plus, balanced"})
    return draw


def means_text(values):
    lines = []
    for v in values:
        if v.layer.startswith("geometric mean") and v.compared:
            lines.append(f"- {v.layer}, {v.quantity}: the paper {v.paper:,.1f}, here {v.ours:,.1f} ({v.difference:+.1f} %), "
                         f"ours {v.beyond:,.1f}. {v.reason}".rstrip())
    for machine, method, _ in measured():
        lines.append(f"- Measured on a machine of this project: {machine}. {method}")
    return "\n".join(lines)


def parts():
    files = ("configs/paper/table4.csv", "configs/paper/figure6.csv", "configs/paper/figure7.csv", "configs/paper/power.csv",
             "configs/workloads/paper.yaml") + BASELINES
    return [
        Part("figure6", "Figure 6: speed over a CPU", "nine layers, batch 1", [EIE64, PLUS], values6, chart("EIE", "speed over the paper's CPU, dense"),
             (9.6, 4.2),
             lambda v: "Times of CPU (Core i7-5930K), GPU (Titan X) and mobile GPU (Tegra K1) are the paper's, and so are their bars. EIE's "
             "time is that of `eie bench`. The paper's CPU running the dense layer, one frame at a time, is 1.\n\n" + means_text(v)
             + "\n\n**Ours** is `eie64-plus` with rows in windows: look-ahead, padding that takes no cycle, balanced rows.", files=files),
        Part("figure7", "Figure 7: energy efficiency over a CPU", "nine layers, batch 1", [EIE64, PLUS], values7,
             chart("EIE by events", "frames a joule over the paper's CPU, dense"), (9.6, 4.2),
             lambda v: "The CPU's energy is its time (Table IV) by its power (Deep Compression, Table 9; for the NeuralTalk layers, whose power "
             "is not published, what the labels stand for: 75, 67 and 77 W). The paper's EIE has 0.600 W whatever the layer: with this its "
             "labels come out exactly for AlexNet and VGG. *At 0.600 W* does the same with our time; *by events* is the energy that the "
             "device's own counters make under `paper45` ([energy](../../../energy.md)). The bars are by events.\n\n" + means_text(v),
             files=files),
    ]
