# SPDX-License-Identifier: Apache-2.0
"""Page and picture of scripts/precision, from the rows of its CSV."""
FIELDS = ["network", "format", "accuracy", "multiplier_pj", "formats", "acc_width", "samples", "right", "fraction_bits", "saturated"]
FLOAT_PJ = 3.7  # EIE (Han et al., ISCA 2016), Table I: a 32-bit float multiplication at 45 nm
# EIE, Figure 10 and section VII: accuracy in percent, pJ of a multiplication. fp32 and int32 are read off the figure.
PAPER = [("float", 80.3, 3.7), ("int32", 80.3, 3.1), ("int16", 79.8, 0.6), ("int8", 53.0, 0.2)]
TITLES = {"digits": "digits", "lenet300": "LeNet-300-100"}


def of(rows, network, number, formats, acc=None):
    for row in rows:
        if row["network"] == network and row["format"] == number and row["formats"] == formats and acc in (None, row["acc_width"]):
            return row
    return None


def percent(row):
    return 100 * int(row["right"]) / int(row["samples"])


def series(rows, network, formats):
    """(pJ, percent) from float to 8 bits; the sums as wide as the data."""
    found = [of(rows, network, "float", "float")] + [of(rows, network, f"int{w}", formats, str(w)) for w in (32, 16, 8)]
    return [(float(r["multiplier_pj"]), percent(r)) for r in found if r]


def draw(rows, folder):
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "eie", "font.size": 10})
    import matplotlib.pyplot as plot

    figure, axes = plot.subplots(figsize=(8.4, 5.0), layout="constrained")
    axes.plot([pj for _, _, pj in PAPER], [a for _, a, _ in PAPER], "k--o", label="the paper: AlexNet on ImageNet")
    colours = {"digits": "tab:blue", "lenet300": "tab:orange"}
    for network in dict.fromkeys(r["network"] for r in rows):
        for formats, style, said in (("a layer", "-s", "formats a layer"), ("one", ":^", "one format")):
            points = series(rows, network, formats)
            axes.plot([x for x, _ in points], [y for _, y in points], style, color=colours[network], label=f"{TITLES[network]}, {said}")
        wide = of(rows, network, "int8", "a layer", "16")
        if wide:
            axes.plot(float(wide["multiplier_pj"]), percent(wide), "D", color=colours[network], fillstyle="none", markersize=9,
                      label=f"{TITLES[network]}, 8 bits, sums of 16")
    axes.set_xscale("log")
    axes.set_xlim(0.15, 5)
    axes.set_ylim(0, 103)
    axes.set_xticks([pj for _, _, pj in PAPER], ["float\n3.7" if n == "float" else f"{n}\n{pj:g}" for n, _, pj in PAPER], minor=False)
    axes.set_xticks([], minor=True)
    for label in axes.get_xticklabels():
        label.set_horizontalalignment("left" if label.get_text().startswith("float") else
                                      "right" if label.get_text().startswith("int32") else "center")
    axes.set_xlabel("energy of a multiplication, pJ (45 nm, Table I and Figure 10)")
    axes.set_ylabel("accuracy, %")
    axes.set_title("Accuracy against the precision of the arithmetic")
    axes.grid(True, alpha=0.3)
    axes.legend(loc="lower right", fontsize=9)
    figure.savefig(folder / "precision.png", dpi=110, metadata={"Software": None})
    figure.savefig(folder / "precision.svg", metadata={"Date": None})
    plot.close(figure)


def line(name, values):
    return f"| {name} | " + " | ".join("-" if v is None else v for v in values) + " |\n"


def cell(row):
    return None if row is None else f"{percent(row):.2f}"


def reasons(rows):
    """Sentences with the numbers of the rows."""
    text = ""
    for network in dict.fromkeys(r["network"] for r in rows):
        base = of(rows, network, "float", "float")
        narrow, wide = of(rows, network, "int8", "a layer", "8"), of(rows, network, "int8", "a layer", "16")
        one, half = of(rows, network, "int8", "one", "8"), of(rows, network, "int16", "a layer", "16")
        best = of(rows, network, "int8", "one, best")

        def loss(row):
            return f"{percent(base) - percent(row):.2f}"

        text += (f"- **{TITLES[network]}** loses {loss(half)} points with 16 bits and {loss(narrow)} with 8 (the paper: 0.5 and 27.3). With "
                 f"8-bit data and 16-bit sums, the same multiplier, it loses {loss(wide)}.\n  With one format for all of it, in 8 bits, it "
                 f"loses {loss(one)} with {bits_of(one)}, and {loss(best)} with the best, {bits_of(best)}, at which "
                 f"{'some sums clamp' if best['saturated'] == 'yes' else 'no sum clamps'}.\n")
    return text


def bits_of(row):
    return f"{row['fraction_bits']} fraction bit{'' if row['fraction_bits'] == '1' else 's'}"


def first_sum(rows, network):
    """Fraction bits of the sums of the first layer, 8 bits wide."""
    return int(of(rows, network, "int8", "a layer", "8")["fraction_bits"].split()[0].split("/")[2])


def page(rows):
    networks = list(dict.fromkeys(r["network"] for r in rows))
    text = """# Accuracy and precision

Figure 10 of the paper: what narrower arithmetic saves, and what it costs in accuracy. The paper's points are AlexNet on ImageNet;
here are two networks that are in this tree, on the device: every multiplication and sum is that of engine tlm, equal to the
golden model. Written by `scripts/precision`; numbers in [precision.csv](precision/precision.csv).

![Accuracy against the energy of a multiplication](precision/precision.png)

The same as [SVG](precision/precision.svg).

"""
    text += "| | float32 | int32 | int16 | int8 |\n|---|---|---|---|---|\n"
    text += line("energy of a multiplication, pJ", [f"{pj:g}" for _, _, pj in PAPER])
    text += line("the paper (AlexNet), %", [f"{a:.1f}" for _, a, _ in PAPER])
    for network in networks:
        base = of(rows, network, "float", "float")
        said = f"{TITLES[network]} ({int(base['samples']):,} images), %"
        text += line(f"{said}, formats a layer", [cell(base)] + [cell(of(rows, network, f"int{w}", "a layer", str(w))) for w in (32, 16, 8)])
        text += line(f"{said}, one format", [cell(base)] + [cell(of(rows, network, f"int{w}", "one", str(w))) for w in (32, 16, 8)])
        text += line(f"{said}, one format, the best of 0 to 7 bits", [None, None, None, cell(of(rows, network, "int8", "one, best"))])
        text += line(f"{said}, formats a layer, sums of 16 bits", [None, None, None, cell(of(rows, network, "int8", "a layer", "16"))])
        text += line(f"{said}, one format, sums of 16 bits", [None, None, None, cell(of(rows, network, "int8", "one", "16"))])
    text += """
The paper's accuracies of float32 and int32 are read off the figure. Energies are those of `configs/technology/paper45.yaml` and,
of float32, Table I.

## What was run

- Configuration `eie64` with `data_width` 32, 16 and 8. `acc_width` is the same, as in the paper's PE (16 and 16 bits); and once
  more 16 with 8-bit data, since it is the multiplier that Figure 10 is about.
- *Formats a layer*: `eie network` chooses fraction bits for weights, inputs and outputs of each layer, the finest at which no
  number and no partial sum clamps ([numerics](../numerics.md#automatic-formats)).
- *One format*: weights, inputs, outputs and sums of all layers have the same fraction bits: the fewest that any number of the
  automatic choice has. LeNet-300-100 then has inputs from 0 to 1, not pixels from 0 to 255. *The best of 0 to 7 bits*: every
  single format was tried, and the one with most images right is given, sums that clamp or not. It alone is chosen by labels.
- float32: the same shared weights in double precision (`float_accuracy`).
- Formats are chosen over the images that are judged, by their ranges.

Fraction bits of weights/inputs/outputs, layer by layer:

| | formats | data | sums | fraction bits | a sum clamped |
|---|---|---|---|---|---|
"""
    for row in rows:
        if row["format"] != "float":
            text += line(TITLES[row["network"]], [row["formats"], row["format"], row["acc_width"], row["fraction_bits"], row["saturated"]])
    text += "\n## What it says\n\n" + reasons(rows)
    steps = ", ".join(f"{first_sum(rows, n):g} in the first layer of {TITLES[n]}, a step of {2.0 ** -first_sum(rows, n):g}"
                      for n in networks)
    text += f"""- 16 bits are as good as float, as in the paper.
- With 8 bits it is the format of the sums that decides, more than the multiplier. A product is rounded to the format of the sum
  before it is added, and an 8-bit sum that never clamps, for any image, has few fraction bits:
  {steps}.
  Where the step is as large as the products, most of them round to 0 or to one step. Two things help there: wider sums, which cost an
  adder and registers and no multiplier; and a finer format at which some sums clamp (`out_frac` in a network file), which the
  automatic choice never takes.
- The paper gives no format, no width of sums and no code for its Figure 10, so its 53 % can be compared in kind only: a drop
  from 16 to 8 bits of such a size is what 8-bit sums that must not clamp give here too, and other formats avoid. AlexNet is deeper,
  with 1,000 classes and up to 9,216 inputs a neuron: more to lose.
"""
    return text
