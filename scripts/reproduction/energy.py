# SPDX-License-Identifier: Apache-2.0
"""Figures 9 and 10: width of the Spmat SRAM, and precision of the arithmetic."""
import csv

from . import paper
from .drawing import BEYOND, OURS, PAPER, panels
from .runs import Failure, Run
from .value import Part, Value

LAYERS = paper.LAYERS
WIDTHS = (32, 64, 128, 256, 512)
PRECISION = "docs/reports/precision/precision.csv"
IMPLIED = "our reads, at the right half's energy"
NAMELESS = ("The figure does not name the layer of its left half; Alex-6 is nearest. Here a read is counted whenever a PE's row address changes, "
            "in the columns that are broadcast.")


def spmat(width):
    """128 KB at another width."""
    return Run("eie64", (("spmat_width", width), ("spmat_depth", 16384 * 64 // width)))


def read_pj(layer):
    return next(p["each"] for p in layer["energy"]["parts"] if p["block"] == "SpmatRead" and p["event"] == "SRAM read")


def reason9(implied, left, value):
    """The energy of a read, the number of reads, or both."""
    parts = []
    if abs(implied / left - 1) > 0.05:
        parts.append(f"The halves of the paper's figure disagree: the right half over the reads of the left is {implied:.1f} pJ a read, the left "
                     f"half says {left:.1f} pJ, which is what is reckoned with here.")
    if abs(value.beyond / value.paper - 1) > 0.1:
        parts.append("The number of reads differs too: it depends on where columns begin in a row, and on which columns the paper's vector used.")
    return " ".join(parts)


def values9(reports):
    found = []
    reads = paper.by("figure9_reads", "width")
    right = paper.by("figure9_layers", "layer")
    for width in WIDTHS:
        layer = reports[spmat(width)]["layers"]["alex6"]
        row = reads[str(width)]
        each = Value("", "energy of a read", str(width), "pJ", row["pj"], read_pj(layer), origin="given")
        count = Value("Alex-6", "reads", str(width), "", row["reads"], layer["sram_reads"]["spmat"])
        product = Value("Alex-6", "reads by energy", str(width), "nJ", row["reads"] * row["pj"] / 1e3,
                        layer["sram_reads"]["spmat"] * read_pj(layer) / 1e3)
        for value in (count, product):
            if not value.within:
                value.reason = NAMELESS
        found += [each, count, product]
    for name, title in LAYERS.items():
        for width in WIDTHS:
            layer = reports[spmat(width)]["layers"][name]
            implied = right["alex6"][str(width)] * 1e3 / reads[str(width)]["reads"]
            count = layer["sram_reads"]["spmat"]
            value = Value(title, "energy of all reads", str(width), "nJ", right[name][str(width)], count * read_pj(layer) / 1e3,
                          count * implied / 1e3)
            if not value.within:
                value.reason = reason9(implied, reads[str(width)]["pj"], value)
            found.append(value)
    return found


def text9(values):
    sums = {width: [sum(get(v) for v in values if v.quantity == "energy of all reads" and v.x == str(width)) for get in
                    (lambda v: v.paper, lambda v: v.ours)] for width in WIDTHS}
    least = [min(WIDTHS, key=lambda width: sums[width][k]) for k in (0, 1)]
    lines = ["| bits | " + " | ".join(str(w) for w in WIDTHS) + " |", "|---|" + "---|" * len(WIDTHS)]
    for k, name in enumerate(("the paper", "ours")):
        lines.append(f"| sum of nine layers, uJ, {name} | " + " | ".join(f"{sums[w][k] / 1e3:.1f}" for w in WIDTHS) + " |")
    near = [v for v in values if v.beyond is not None and abs(v.beyond / v.paper - 1) <= 0.25]
    every = [v for v in values if v.beyond is not None]
    return ("A row of 128 KB is read when its address changes, at the energy of the figure's left half (which is the technology's own). "
            "The paper's text calls 64 bits the minimum; that is so for the product of its left half. The sum of its right half is least at "
            f"{least[0]} bits, ours at {least[1]} bits. At the energies that the right half itself stands for on Alex-6, "
            f"our counts of reads come within 25 % of it in {len(near)} of {len(every)} places (triangles): most of the difference is the "
            "energy of a read, not their number.\n\n" + "\n".join(lines))


FORMATS = {"int32": Run(changes=(("data_width", 32), ("acc_width", 32)), layers=("alex7",)), "int16": Run(),
           "int8": Run(changes=(("data_width", 8), ("acc_width", 16)), layers=("alex7",))}


def accuracies():
    """(network, format, accuracy in percent, pJ) of scripts/precision, where it has measured: formats of each layer's own, sums as wide
    as the data, which is what the paper's axis means."""
    path = paper.ROOT / PRECISION
    if not path.exists():
        return []
    found = []
    with open(path, newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                name, share, pj = row["format"], float(row["accuracy"]), float(row["multiplier_pj"])
                chosen = row["formats"] == "float" or (row["formats"] == "a layer" and name == "int" + row["acc_width"])
            except (KeyError, TypeError, ValueError) as error:
                raise Failure(f"{PRECISION}: line {number}: {error}: expected a line of scripts/precision") from error
            if not 0 <= share <= 1:
                raise Failure(f"{PRECISION}: line {number}: accuracy {share:g}: expected a share, 0 to 1")
            if chosen:
                found.append((row["network"], name, 100 * share, pj))
    return found


def values10(reports):
    found = []
    for name, row in paper.by("figure10", "format").items():
        run = FORMATS.get(name)
        ours = None
        if run:
            ours = next(p["each"] for p in reports[run]["layers"]["alex7"]["energy"]["parts"] if p["event"] == "multiply")
        found.append(Value(name, "energy of a multiplication", "", "pJ", row["pj"], ours, origin="given" if run else "",
                           reason="" if run else "The machine has no floating point."))
        found.append(Value(name, "accuracy, AlexNet", "", "%", row["accuracy"], None, origin="",
                           reason="ImageNet and the trained AlexNet are not part of this project."))
    for network, name, accuracy, pj in accuracies():
        found.append(Value(name, "accuracy, " + network, f"{pj:g}", "%", None, accuracy, origin="measured"))
    return found


def draw10(figure, values):
    axes = figure.subplots()
    energy = {v.layer: v for v in values if v.quantity == "energy of a multiplication"}
    paper_points = [(energy[v.layer].paper, v.paper, v.layer) for v in values if v.quantity == "accuracy, AlexNet"]
    axes.plot([p[0] for p in paper_points], [p[1] for p in paper_points], **PAPER, label="the paper: AlexNet, ImageNet")
    for x, y, name in paper_points:
        axes.annotate(name, (x, y), textcoords="offset points", xytext=(2, 5) if name == "float32" else (4, -10))
    for k, quantity in enumerate(dict.fromkeys(v.quantity for v in values if v.origin == "measured")):
        own = sorted((float(v.x), v.ours) for v in values if v.quantity == quantity and v.x)
        axes.plot(*zip(*own), **(OURS, BEYOND)[k % 2], label="in the device: " + quantity.split(", ", 1)[1])
    for name, v in energy.items():
        if v.ours is not None:
            axes.axvline(v.ours, color="0.6", linewidth=0.8, linestyle=":", label="our multiplier, 8, 16, 32 bits" if name == "int8" else None)
    axes.set_xscale("log")
    axes.set_xticks([0.2, 0.6, 3.1, 3.7], ["0.2", "0.6", "3.1", "\n3.7"])
    axes.minorticks_off()
    axes.set_xlabel("energy of a multiplication, pJ")
    axes.set_ylabel("accuracy, %")
    axes.set_ylim(40, 100)
    axes.set_xlim(0.15, 6)
    axes.legend(loc="lower right")
    figure.subplots_adjust(left=0.1, right=0.97, bottom=0.16, top=0.97)


def draw9(figure, values):
    panels(figure, [v for v in values if v.quantity == "energy of all reads"], "width, bits", "all reads, uJ", beyond=IMPLIED, thousands=True)


def parts():
    return [
        Part("figure9", "Figure 9: width of the Spmat SRAM", "128 KB a PE, 32 to 512 bits", [spmat(w) for w in WIDTHS], values9, draw9, (7.4, 5.6),
             text9, beyond=IMPLIED, files=("configs/paper/figure9_reads.csv", "configs/paper/figure9_layers.csv")),
        Part("figure10", "Figure 10: precision of the arithmetic", "float32, 32, 16 and 8 bits", list(FORMATS.values()), values10, draw10, (5.6, 3.6),
             lambda v: "The energy of a multiplication is the technology's own. Accuracy in the device, on networks that are here, stands "
             "beside the paper's where `scripts/precision` has measured it." if not accuracies() else
             "The energy of a multiplication is the technology's own. Accuracy in the device, on networks that are here, is that of "
             "`scripts/precision`.", beyond="", files=("configs/paper/figure10.csv", PRECISION)),
    ]
