# SPDX-License-Identifier: Apache-2.0
"""Pages in Markdown: one a part, and one with all at a glance."""
NOTE = "Written by `scripts/reproduce`; do not edit."
ORIGINS = {"simulated": "", "given": "given to the model by the paper", "fitted": "fitted", "measured": "measured", "": ""}


def shown(number):
    if number is None:
        return ""
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.4g}"


def difference(value):
    if not value.compared:
        return ""
    return f"{value.difference:+.1f} " + ("points" if value.kind == "points" else "%")


def counts(values):
    """(compared, within, outside)"""
    compared = [v for v in values if v.compared]
    within = sum(v.within for v in compared)
    return len(compared), within, len(compared) - within


def largest(values):
    """The largest difference, in words."""
    compared = [v for v in values if v.compared]
    if not compared:
        return ""
    worst = max(compared, key=lambda v: abs(v.difference) / v.limit)
    words = [w for w in (worst.layer, worst.quantity + (f" at {worst.x}" if worst.x else "")) if w]
    return f"{difference(worst)}: {', '.join(words)}"


def tolerances(values):
    found = {}
    for v in values:
        if v.compared:
            found.setdefault((v.limit, v.kind), []).append(v)
    return found


def where(values, units):
    """`units` of each quantity on the page. "load balance of Alex-8, NT-We at 64, 128": those with the same places together."""
    places = {}
    for v in values:
        quantity = v.quantity + (f" ({v.unit})" if len(units[v.quantity]) > 1 else "")
        places.setdefault((quantity, v.layer), []).append(v.x)
    layers = {}
    for (quantity, layer), xs in places.items():
        layers.setdefault((quantity, ", ".join(x for x in xs if x)), []).append(layer)
    return "; ".join(quantity + (" of " + ", ".join(own) if any(own) else "") + (" at " + xs if xs else "") for (quantity, xs), own in layers.items())


def page(part, values, runs, seed):
    total, within, outside = counts(values)
    lines = [f"# {part.title}", "", f"{NOTE} [All tables and figures](../index.md).", "", f"![{part.title}]({part.name}.svg)", "", part.text(values), ""]
    verdict = f"{total} values are compared: {within} are within their tolerance" + (f", {outside} are not." if outside else ".")
    lines += [verdict + f" All values: [{part.name}.csv]({part.name}.csv).", ""]
    reasons = {}
    for v in values:
        if v.compared and v.reason:
            reasons.setdefault(v.reason, []).append(v)
    if reasons:
        lines += ["## Why values differ", "", "Every value outside its tolerance, or more than 10 % from the paper's, with the reason:", ""]
        units = {}
        for v in values:
            units.setdefault(v.quantity, set()).add(v.unit)
        for reason, own in reasons.items():
            lines += [f"- {where(own, units)}: {reason}"]
        lines += [""]
    lines += ["## Values", ""]
    beyond = part.beyond and any(v.beyond is not None for v in values)
    has_x = any(v.x for v in values)
    origin = any(ORIGINS[v.origin] for v in values)
    head = ["layer", "quantity"] + (["at"] if has_x else []) + ["unit", "paper", "ours: eie64"] + ([part.beyond] if beyond else []) \
        + ["difference", "tolerance", "verdict"] + (["origin"] if origin else [])
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for v in values:
        row = [v.layer, v.quantity] + ([v.x] if has_x else []) + [v.unit, shown(v.paper), shown(v.ours)] + ([shown(v.beyond)] if beyond else [])
        tolerance = f"{v.limit:g} " + ("points" if v.kind == "points" else "%") if v.compared else ""
        verdict = f"**{v.verdict}**" if v.verdict == "outside" else v.verdict
        lines.append("| " + " | ".join(row + [difference(v), tolerance, verdict] + ([ORIGINS[v.origin]] if origin else [])) + " |")
    if runs:
        lines += ["", "## Commands", "", "Configurations are those of `configs/`; each layer of each run was compared with the golden model.", "", "```"]
        lines += [run.words(seed) + (" --layers " + ",".join(run.layers) if len(run.layers) < 9 else "") for run in runs]
        lines += ["```"]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def index(done, seed, headline):
    """`done`: [(part, values)]."""
    lines = ["# The paper, reproduced", "", NOTE, "",
             "Every table and figure of the evaluation of EIE (Han et al., ISCA 2016), and Deep Compression's rates, beside what this model "
             "gives: the paper's values as printed or read off, ours from `eie bench` on engine tlm, whose cycles and counters are those of "
             f"the hardware, seed {seed}. The pruned networks are not published with the paper; [workloads](../../workloads.md) says how the "
             "layers are made, and what may be expected of them. **Six** are the layers that such matrices can stand for: Alex-6, Alex-7, Alex-8, "
             "VGG-7, VGG-8 and NT-We.", "", headline, "",
             "| | values compared | within | outside | largest difference, in tolerances |", "|---|---|---|---|---|"]
    for part, values in done:
        total, within, outside = counts(values)
        lines.append(f"| [{part.title}]({part.name}/index.md) | {total} | {within} | {outside or ''} | {largest(values)} |")
    lines += ["", "A tolerance is 10 % where no other is named: 3.5 points in Figure 12 (NT-Wd 6), 6 points in Figures 8 and 13, 5 % in Table V. "
              "Each page says why a value is outside.", "", "## At a glance", "",
              "White circles are the paper, squares ours, triangles the machine of our own: `eie64-plus` with balanced rows.", ""]
    for k in range(0, len(done), 2):
        pair = done[k:k + 2]
        lines += ["| " + " | ".join(part.title for part, _ in pair) + " |", "|" + "---|" * len(pair)] if k == 0 else [
            "| " + " | ".join(f"**{part.title}**" for part, _ in pair) + (" | |" if len(pair) == 1 else " |")]
        lines.append("| " + " | ".join(f"[![{part.title}]({part.name}/{part.name}.png)]({part.name}/index.md)" for part, _ in pair)
                     + (" | |" if len(pair) == 1 else " |"))
    lines += ["", "## Where the paper contradicts itself", ""] + ["- " + line for line in CONTRADICTIONS]
    return "\n".join(lines) + "\n"


CONTRADICTIONS = [
    "Figure 6 labels NT-We 63 and NT-LSTM 60; Table IV's times give 75.6 and 62.7. The geometric mean of the labels is 189, that of Table IV 194.",
    "Pointers of 16 bits (13 for a row, 3 for an entry) reach 65,536 entries, half of what 128 KB hold. 32 KB of pointers are 16,384, fewer than "
    "the 25,089 of VGG-6.",
    "The halves of Figure 9 stand for different energies of a read; over all layers its right half is least at 128 bits, though the text says 64.",
    "The power of 64 PEs is 590 mW in the text; Figure 7's labels are exactly 600 mW; Table V has 0.59 W.",
    "256 PEs have 3.25 times the throughput of 64 in the text, 5.2 times in Table V; their power is four times 0.59 W, with no scaling.",
    "Table III has averages; the vectors behind Table IV differ layer by layer. VGG-6 takes 1.44 million entries by Table IV, some 1.15 million by "
    "Table III; Alex-8 456 and 384 thousand.",
    "The caption of Figure 13 says stalled over total cycles; it plots the complement.",
]
