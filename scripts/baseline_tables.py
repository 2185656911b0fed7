# SPDX-License-Identifier: Apache-2.0
"""The page of scripts/cpu_baseline: this machine's times beside those that the paper prints."""
import math

LAYERS = ["alex6", "alex7", "alex8", "vgg6", "vgg7", "vgg8", "nt_we", "nt_wd", "nt_lstm"]
KINDS = {"dense_b1": "Dense, batch 1", "sparse_b1": "Sparse, batch 1", "dense_b64": "Dense, batch 64, a frame",
         "sparse_b64": "Sparse, batch 64, a frame"}
# EIE (Han et al., ISCA 2016), Table IV, us.
PAPER = {
    "Core i7-5930K": {
        "dense_b1": [7516.2, 6187.1, 1134.9, 35022.8, 5372.8, 774.2, 605.0, 1361.4, 470.5],
        "sparse_b1": [3066.5, 1282.1, 890.5, 3774.3, 545.1, 777.3, 261.2, 437.4, 260.0],
        "dense_b64": [318.4, 188.9, 45.8, 1056.0, 188.3, 45.7, 28.7, 69.0, 28.8],
        "sparse_b64": [1417.6, 682.1, 407.7, 1780.3, 274.9, 363.1, 117.7, 176.4, 107.4]},
    "Titan X": {
        "dense_b1": [541.5, 243.0, 80.5, 1467.8, 243.0, 80.5, 65, 90.1, 51.9],
        "sparse_b1": [134.8, 65.8, 54.6, 167.0, 39.8, 48.0, 17.7, 41.1, 18.5],
        "dense_b64": [19.8, 8.9, 5.9, 53.6, 8.9, 5.9, 3.2, 2.3, 2.5],
        "sparse_b64": [94.6, 51.5, 23.2, 121.5, 24.4, 22.0, 10.9, 11.0, 9.0]},
    "Tegra K1": {
        "dense_b1": [12437.2, 5765.0, 2252.1, 35427.0, 5544.3, 2243.1, 1316, 2565.5, 956.9],
        "sparse_b1": [2879.3, 1256.5, 837.0, 4377.2, 626.3, 745.1, 240.6, 570.6, 315],
        "dense_b64": [1663.6, 2056.8, 298.0, 2001.4, 2050.7, 483.9, 87.8, 956.3, 95.2],
        "sparse_b64": [4003.9, 1372.8, 576.7, 8024.8, 660.2, 544.1, 236.3, 187.7, 186.5]},
}
EIE_US = [30.3, 12.2, 9.9, 34.4, 8.7, 8.4, 8.0, 13.9, 7.5]
# Deep Compression (Han, Mao, Dally, ICLR 2016), Table 9: W of the i7-5930K in the first six layers. EIE's Figure 7 is made of
# them and of Table IV.
CPU_WATT = {"dense_b1": [83.5, 72.8, 77.6, 70.6, 74.6, 77.0], "sparse_b1": [42.3, 37.4, 36.5, 38.0, 37.4, 36.0],
            "dense_b64": [85.4, 84.7, 101.6, 83.1, 97.1, 87.5], "sparse_b64": [37.2, 37.1, 38, 39.5, 36.6, 38.2]}
EIE_WATT = 0.6  # what Figure 7 comes to in each of the six


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def digits(value):
    """Three significant digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(names, rows, last):
    lines = [f"| | {' | '.join(names)} | {last} |", "|---|" + "---|" * (len(names) + 1)]
    for label, values in rows:
        lines.append(f"| {label} | {' | '.join(digits(v) for v in values)} | {digits(geometric_mean(values))} |")
    return "\n".join(lines) + "\n"


def paper_row(machine, kind, names):
    return [PAPER[machine][kind][LAYERS.index(n)] for n in names]


def own_row(report, key, names):
    return [report["layers"][n][key] for n in names]


def kinds_of(report):
    return [k for k in KINDS if all(k + "_us" in layer for layer in report["layers"].values())]


def times(cpu, gpu, names):
    text = ""
    for kind in kinds_of(cpu):
        own = own_row(cpu, kind + "_us", names)
        rows = [(f"**this machine**, {cpu['machine']}", own)]
        if gpu:
            rows.append((f"**this machine**, {gpu['machine']}", own_row(gpu, kind + "_us", names)))
        rows += [(f"the paper's {machine}", paper_row(machine, kind, names)) for machine in PAPER]
        theirs = paper_row("Core i7-5930K", kind, names)
        text += f"### {KINDS[kind]}\n\n" + table(names, rows, "geometric mean")
        text += f"| the paper's i7 / this CPU | {' | '.join(f'{b / a:.2f}' for a, b in zip(own, theirs))} "
        text += f"| {geometric_mean(b / a for a, b in zip(own, theirs)):.2f} |\n"
        text += "| spread here | " + " | ".join(f"{cpu['layers'][n]['spread'][kind]['percent']:.2g} %" for n in names) + " | |\n\n"
    return text


def speedups(cpu, gpu, names):
    base = own_row(cpu, "dense_b1_us", names)
    rows = [("CPU sparse, here", [b / v for b, v in zip(base, own_row(cpu, "sparse_b1_us", names))])]
    for kind in ("dense_b1", "sparse_b1"):
        if gpu:
            rows.append((f"GPU {kind[:-3]}, here", [b / v for b, v in zip(base, own_row(gpu, kind + "_us", names))]))
    for machine, kind in (("Titan X", "dense_b1"), ("Titan X", "sparse_b1"), ("Tegra K1", "dense_b1"), ("Tegra K1", "sparse_b1")):
        rows.append((f"the paper's {machine}, {kind[:-3]}", [b / v for b, v in zip(base, paper_row(machine, kind, names))]))
    eie = [EIE_US[LAYERS.index(n)] for n in names]
    rows.append(("the paper's EIE, 64 PEs", [b / v for b, v in zip(base, eie)]))
    theirs = paper_row("Core i7-5930K", "dense_b1", names)
    rows.append(("the same over the paper's i7", [b / v for b, v in zip(theirs, eie)]))
    return table(names, rows, "geometric mean")


def energies(cpu, names):
    names = [n for n in names if LAYERS.index(n) < 6]
    if not names:
        return ""
    here = []
    if all(cpu["layers"][n]["energies_uj"] for n in names):
        here = [(f"**this CPU**, {KINDS[k][0].lower() + KINDS[k][1:]}", [cpu["layers"][n]["energies_uj"][k] for n in names]) for k in kinds_of(cpu)]
    places = [LAYERS.index(n) for n in names]
    rows = here + [(f"the paper's i7, {KINDS[k][0].lower() + KINDS[k][1:]}",
                    [PAPER["Core i7-5930K"][k][i] * CPU_WATT[k][i] for i in places]) for k in KINDS]
    rows.append(("the paper's EIE, 64 PEs", [EIE_US[i] * EIE_WATT for i in places]))
    said = ("Energy here is that of all packages, by RAPL, while a product runs over and over for a second.\n" if here else
            "RAPL, the processor's own counter of energy, cannot be read on this machine (no `/sys/class/powercap`, as in most virtual\n"
            "machines, or for root alone), so there is no row of ours: the energies below are the paper's, for the six layers whose\n"
            "power is published.\n")
    return (f"## Energy a frame (Figure 7), uJ\n\n{said}The paper's i7: Table IV times the watts of Deep Compression's Table 9. "
            f"EIE: Table IV times {EIE_WATT} W.\n\n" + table(names, rows, "geometric mean") + "\n")


def remarks(cpu, names):
    """What the numbers say, from the numbers."""
    here = [a / b for a, b in zip(own_row(cpu, "dense_b1_us", names), own_row(cpu, "sparse_b1_us", names))]
    there = [a / b for a, b in zip(paper_row("Core i7-5930K", "dense_b1", names), paper_row("Core i7-5930K", "sparse_b1", names))]
    lines = [f"- At batch 1 the sparse product is {geometric_mean(here):.1f} times as fast as the dense one here, "
             f"{geometric_mean(there):.1f} times on the paper's i7."]
    if "sparse_b64" in kinds_of(cpu):
        here = [a / b for a, b in zip(own_row(cpu, "dense_b64_us", names), own_row(cpu, "sparse_b64_us", names))]
        there = [a / b for a, b in zip(paper_row("Core i7-5930K", "dense_b64", names), paper_row("Core i7-5930K", "sparse_b64", names))]
        lines.append(f"- At batch 64 it is {geometric_mean(here):.2f} times as fast here and {geometric_mean(there):.2f} times on the paper's i7. Eigen "
                     "takes the 64 frames of a non-zero as vectors, as they lie beside each other in memory; how they lay for MKL the paper "
                     "does not say.")
    spreads = [s for n in names for s in cpu["layers"][n]["spread"].values()]
    disturbed, out, taken = (sum(s[key] for s in spreads) for key in ("disturbed", "left_out", "repetitions"))
    lines.append(f"- In {disturbed:,} of {taken + out:,} repetitions the kernel took a processor away, and {out:,} of them are left out. Load "
                 f"average at the start: {cpu['load_average']:g}; nice value of the run: {cpu['nice']}.")
    return "\n".join(lines) + "\n"


def page(cpu, gpu, gpu_said):
    names = [n for n in LAYERS if n in cpu["layers"]]
    text = f"""# Baselines on this machine

Figures 6 and 7 of the paper compare EIE with a CPU, a GPU and a mobile GPU. Here is the same with a machine at hand, beside
what the paper prints. Written by `scripts/cpu_baseline`, from [cpu.json](baseline/cpu.json); run it to have your own. Rows of
the paper are labelled so; everything else was measured on **{cpu['machine']}**, {cpu['threads']} of {cpu['cores']} processors.

## Method

{cpu['method']}

- Dense: {cpu['dense']}. Sparse: {cpu['sparse']}. The paper took MKL for both; Eigen takes its place in the sparse one.
- GPU: {gpu_said}
- Every product is compared with the same in double precision. Largest difference, of the largest output: {max(l['max_relative_error'] for l in cpu['layers'].values()):g}. (Weights are
  eighths and inputs have 14 bits after the point: float32 holds most of these sums exactly.)

## Time, us

{times(cpu, gpu, names)}## Speed-up over dense, batch 1, of this CPU (Figure 6)

{speedups(cpu, gpu, names)}
{energies(cpu, names)}## What the numbers say

{remarks(cpu, names)}"""
    return text
