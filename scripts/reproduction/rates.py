# SPDX-License-Identifier: Apache-2.0
"""Deep Compression's rates, from the tables that scripts/deep_compression and scripts/train_lenet300 have written."""
from . import paper
from .runs import Failure
from .tables import dots
from .value import Part, Value

PAGE = "docs/reports/deep_compression.md"
LENET = "configs/networks/lenet300/README.md"
NORMAL = ("Weights are drawn from a normal distribution: their codes, and the runs between them, are less uneven than those of a trained "
          "network, and Huffman coding lives on that.")
WHOLE = "The paper prints whole percent of kept weights, and its trained weights are not independent: fewer gaps are too long for a run."


def tables(name):
    """[[cells]] of a page, by the heading above."""
    found, heading = {}, ""
    for line in (paper.ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif line.startswith("|") and not line.startswith("|---"):
            found.setdefault(heading, []).append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def compared(layer, quantity, unit, published, ours, reason):
    value = Value(layer, quantity, "", unit, published, ours, origin="simulated")
    if not value.within:
        value.reason = reason
    return value


def column(head, name):
    if name not in head:
        raise Failure(f"{PAGE}: there is no column '{name}': expected the page of scripts/deep_compression")
    return head.index(name)


def values(reports):
    rates = paper.by("compression", "network")
    found = []
    for network in ("AlexNet", "VGG-16"):
        head, *rows = tables(PAGE)[network]
        at = {name: column(head, name) for name in ("size, paper (%)", "size, here (%)", "Huffman size, paper (%)", "Huffman size, here (%)")}
        for row in rows:
            number = {name: float(row[k]) for name, k in at.items()}
            where = f"{network} {row[0]}"
            if row[0] == "total":
                found += [compared(network, "rate", "times", rates[network]["stored"], 100 / number["size, here (%)"], WHOLE),
                          compared(network, "rate, Huffman", "times", rates[network]["huffman"], 100 / number["Huffman size, here (%)"], NORMAL)]
            else:
                found += [compared(where, "size", "%", number["size, paper (%)"], number["size, here (%)"], WHOLE),
                          compared(where, "size, Huffman", "%", number["Huffman size, paper (%)"], number["Huffman size, here (%)"], NORMAL)]
    whole = next(row for row in tables(LENET)["Results"] if row[:2] == ["6 bits", "all"])
    for quantity, key, k in (("rate", "stored", 7), ("rate, Huffman", "huffman", 8)):
        found.append(compared("LeNet-300-100", quantity, "times", rates["LeNet-300-100"][key], float(whole[k].rstrip("x")),
                              "Trained, pruned and shared here on another data set; biases, padding and Huffman tables are counted."))
    for quantity, key in (("rate", "stored"), ("rate, Huffman", "huffman")):
        found.append(Value("LeNet-5", quantity, "", "times", rates["LeNet-5"][key], None, origin="", reason="Not trained here."))
    return found


def parts():
    return [Part("deep_compression", "Deep Compression: rates", "AlexNet, VGG-16, LeNet-300-100", [], values,
                 dots(0.3, lambda v: f"{v.layer}, {v.quantity}"), (6.6, 8.6),
                 lambda v: "How many times smaller a network is than in floats of 32 bits, and the size of each layer over that of its floats. "
                 "AlexNet and VGG-16 are layers of random weights ([the table](../../../reports/deep_compression.md), by `scripts/deep_compression`); "
                 "LeNet-300-100 is [trained here](../../../lenet.md), with 63 shared values. `scripts/reproduce` reads these tables.",
                 beyond="", files=("configs/paper/compression.csv", PAGE, LENET))]
