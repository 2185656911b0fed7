# SPDX-License-Identifier: Apache-2.0
"""Figures 8, 11, 12 and 13: load balance and padding against queue depth and number of PEs."""
from . import paper
from .drawing import panels
from .runs import DEEP, Run
from .value import Part, Value

LAYERS = paper.LAYERS
PLUS = "eie64-plus, rows in windows"
CLUSTERED = ("The layer's load balance is lower in all of the paper's figures than independent entries give: its real weights seem to stand in "
             "clusters.")
PASSES = ("The paper's layer seems to have run in another way: its line is nearly flat in the number of PEs where the number of rows in "
          "a PE changes by as much.")


def machine(pes):
    return Run("eie64", (("n_pe", pes),) + DEEP)


def plus(pes):
    return Run("eie64-plus", (("n_pe", pes),) + DEEP, "windows")


def queue(fifo):
    return Run("eie64", (("queue_depth", fifo - 1),) + DEEP)


def worked(layer):
    """Entries that took a cycle."""
    return layer["work"]["entries"] - layer["work"]["padding_skipped"]


def balance(layer, pes):
    """Of all PE cycles, those with an entry, in percent; without skipped padding this is the report's load_balance."""
    return 100 * worked(layer) / (pes * layer["cycles"])


def real(layer):
    """Entries that are no padding, of those that took a cycle, in percent."""
    return 100 * (layer["work"]["entries"] - layer["work"]["padding"]) / worked(layer)


def balance_reason(name, x, difference):
    """Why a load balance is not the paper's."""
    if name in ("vgg6", "nt_lstm"):
        return CLUSTERED
    if name == "nt_wd":
        return ("The paper's bars stop at 93.5 % from FIFO = 4 on: what is left are PEs with more entries than others, of which "
                "independent entries have fewer." if difference > 0 else "Of few entries in a column, some PEs have none.")
    if name == "alex6":
        return ("Figure 13 gives Alex-6 a lower load balance at many PEs than Alex-7, though both have the same rows and densities: "
                "its real rows seem to be less even, and one rule makes all layers here.")
    if name in ("alex8", "vgg8", "nt_we"):
        return "With few rows in a PE, where the non-zero weights stand matters most; the real matrix is not published."
    return ""


def values8(reports):
    found = []
    for name, title in LAYERS.items():
        for fifo, bar in paper.figure8()[name].items():
            ours = None if fifo == 1 else balance(reports[queue(fifo)]["layers"][name], 64)
            value = Value(title, "load balance", str(fifo), "%", bar, ours, limit=6, kind="points")
            if fifo == 1:
                value.reason = "How the paper ran a FIFO of one is not known: a ring of n slots that is full at n - 1 would hold nothing."
            elif abs(value.relative) > 10 or not value.within:
                value.reason = balance_reason(name, fifo, value.difference)
            found.append(value)
    return found


def values12(reports):
    lines = paper.percent_by_pe("figure12")
    found = []
    for name, title in LAYERS.items():
        for pes in paper.PES:
            value = Value(title, "real work", str(pes), "%", lines[name][pes], real(reports[machine(pes)]["layers"][name]),
                          limit=6 if name == "nt_wd" else 3.5, kind="points")
            if not value.within or abs(value.relative) > 10:
                value.reason = PASSES if name == "nt_wd" else ("Padding depends on where the zeros stand; rows and columns of the real "
                                                               "matrix are less even.")
            found.append(value)
    return found


def values13(reports):
    lines = paper.percent_by_pe("figure13")
    found = []
    for name, title in LAYERS.items():
        for pes in paper.PES:
            value = Value(title, "load balance", str(pes), "%", lines[name][pes], balance(reports[machine(pes)]["layers"][name], pes),
                          balance(reports[plus(pes)]["layers"][name], pes), limit=6, kind="points")
            if not value.within or abs(value.relative) > 10:
                value.reason = balance_reason(name, pes, value.difference)
            found.append(value)
    return found


def values11(reports):
    """The paper's axis is cut at about 196, so its values are N * Figure 12 * Figure 13, each relative to one PE."""
    real_work, even = paper.percent_by_pe("figure12"), paper.percent_by_pe("figure13")
    found = []
    for name, title in LAYERS.items():
        one = reports[machine(1)]["layers"][name]["cycles"]
        for pes in paper.PES:
            speed = pes * real_work[name][pes] / real_work[name][1] * even[name][pes] / even[name][1]
            value = Value(title, "speed over one PE", str(pes), "times", speed, one / reports[machine(pes)]["layers"][name]["cycles"],
                          one / reports[plus(pes)]["layers"][name]["cycles"])
            if abs(value.relative) > 10:
                value.reason = ("The product of Figures 12 and 13, which differ as they do there. "
                                + balance_reason(name, pes, value.difference))
            found.append(value)
    return found


DEPTHS = ("Memories and registers are deeper than the paper's, so that a layer is one launch and one batch, as in the paper's simulator: "
          + ", ".join(f"`{key}={value}`" for key, value in DEEP) + ". A PE holds 1,048,575 entries (pointers of 20 bits), which is too "
          "few for the largest layers on one, two or four PEs. These run in up to nine launches; the rows of a PE are never split, and "
          "what the further launches cost is under 1 % of the cycles.")
BEYOND = ("**Ours** is the machine that this project adds: look-ahead over empty columns, padding that takes no cycle, and rows dealt to "
          "PEs so that windows of columns are even (`--balance windows`), see [padding](../../../padding.md) and "
          "[balance](../../../balance.md).")


def parts():
    pes = [machine(n) for n in paper.PES]
    both = pes + [plus(n) for n in paper.PES]
    size = (7.4, 5.6)
    return [
        Part("figure8", "Figure 8: load balance against queue depth", "64 PEs", [queue(n) for n in (2, 4, 8, 16, 32, 64, 128, 256)], values8,
             lambda f, v: panels(f, v, "FIFO", "load balance, %", (0, 104)), size,
             lambda v: "The paper's \"FIFO = n\" is `queue_depth` n - 1: a ring of n slots that is full at n - 1 entries. " + DEPTHS,
             beyond="", files=("configs/workloads/paper.yaml",)),
        Part("figure11", "Figure 11: speed against number of PEs", "1 to 256 PEs", both, values11,
             lambda f, v: panels(f, v, "PEs", "speed over one PE", log=True, beyond=PLUS), size,
             lambda v: "The figure's axis ends at about 196, and its lines can be read only up to 16 PEs and at 128. The paper's values are "
             "therefore `N x Figure 12(N) / Figure 12(1) x Figure 13(N) / Figure 13(1)`; where they can be read, the lines are within "
             "about 10 % of that. More than N times the speed is real: padding falls with the number of rows in a PE. Both of our lines "
             "are relative to one PE of the paper's machine.\n\n" + DEPTHS + "\n\n" + BEYOND,
             files=("configs/paper/figure12.csv", "configs/paper/figure13.csv")),
        Part("figure12", "Figure 12: real work over all work", "1 to 256 PEs", pes, values12,
             lambda f, v: panels(f, v, "PEs", "real work, %", (40, 104)), size,
             lambda v: "Entries that are no padding, of all entries of the columns that are broadcast. A PE with up to 16 rows never "
             "pads.\n\n" + DEPTHS, beyond="", files=("configs/paper/figure12.csv",)),
        Part("figure13", "Figure 13: load balance against number of PEs", "1 to 256 PEs, FIFO = 8", both, values13,
             lambda f, v: panels(f, v, "PEs", "load balance, %", (0, 104), beyond=PLUS), size,
             lambda v: "PE cycles with an entry, padding included, of all PE cycles. The caption of the paper's figure says stalled over "
             "total cycles; it plots the complement. What ours skips takes no cycle and is no entry here.\n\n" + DEPTHS + "\n\n" + BEYOND,
             files=("configs/paper/figure13.csv",)),
    ]
