# SPDX-License-Identifier: Apache-2.0
"""Tables I to V."""
from . import paper
from .drawing import ratio_legend, ratios
from .runs import Run
from .value import Part, Value

LAYERS = paper.LAYERS
EIE64 = Run()
PLUS = Run("eie64-plus", balance="windows")
NETLISTS = Run(technology="ours45")
WIDE = Run(changes=(("data_width", 32), ("acc_width", 32)), layers=("alex7",))
SCALED = Run("eie256", (("clock_mhz", 1200),), technology="scaled28", layers=("alex7",))
SCALED_PLUS = Run("eie64-plus", (("n_pe", 256), ("clock_mhz", 1200)), "windows", "scaled28", ("alex7",))


def dots(left, label):
    def draw(figure, values):
        axes = ratios(figure, values, label)
        ratio_legend(figure, axes, draw.beyond)
        height = figure.get_figheight()
        figure.subplots_adjust(left=left, right=0.97, bottom=0.45 / height, top=1 - 0.3 / height)
    draw.beyond = ""
    return draw


def with_beyond(draw, name):
    draw.beyond = name
    return draw


def parts_of(layer, block=None, event=None):
    return [p for p in layer["energy"]["parts"] if (block is None or p["block"] == block) and (event is None or p["event"] == event)]


def uj(chosen):
    return sum(p["uj"] for p in chosen)


def values1(reports):
    table = paper.by("table1", "operation")
    wide = reports[WIDE]["layers"]["alex7"]
    narrow = reports[EIE64]["layers"]["alex7"]
    work = narrow["work"]
    # Entries and pointers in words of 32 bits: four entries of a byte, two pointers of 16 bits.
    words = work["entries"] / 4 + narrow["sram_reads"]["ptr"] / 2
    ours = {"int32 add": parts_of(wide, "ArithUnit", "add")[0]["each"], "int32 multiply": parts_of(wide, "ArithUnit", "multiply")[0]["each"],
            "read of 32 KB SRAM": 2 * parts_of(narrow, "PtrRead", "SRAM read")[0]["each"],
            "read of DRAM": narrow["energy"]["dram_uj"] * 1e6 / words}
    return [Value("", name, "", "pJ", row["pj"], ours.get(name), origin="given" if name in ours else "",
                  reason="" if name in ours else "The machine has no floating point.") for name, row in table.items()]


def values2(reports):
    table = paper.by("table2", "item")
    found = []
    reported = {run: reports[run]["layers"]["alex7"] for run in (EIE64, NETLISTS)}

    def mw(run, chosen):
        return uj(chosen) / reported[run]["time_us"] * 1e3 / 64

    def memory(run):
        return [p for p in parts_of(reported[run]) if "SRAM" in p["event"]]

    def clock(run):
        return [p for p in parts_of(reported[run]) if p["event"] == "clock"]

    rows = {"Total": lambda run: [p for p in parts_of(reported[run]) if p["block"] != "LnzdTree"],
            "memory": memory, "clock network": clock}
    for block in ("ActQueue", "PtrRead", "SpmatRead", "ArithUnit", "ActRw"):
        rows[block] = lambda run, block=block: parts_of(reported[run], block)
    for item, chosen in rows.items():
        found.append(Value("Alex-7", item, "", "mW", table[item]["mw"], mw(EIE64, chosen(EIE64)), mw(NETLISTS, chosen(NETLISTS)),
                           origin="fitted"))
    logic = table["register"]["mw"] + table["combinational"]["mw"]
    rest = lambda run: mw(run, rows["Total"](run)) - mw(run, memory(run)) - mw(run, clock(run))
    found.append(Value("Alex-7", "register and combinational", "", "mW", logic, rest(EIE64), rest(NETLISTS), origin="fitted"))
    node = lambda run: uj(parts_of(reported[run], "LnzdTree")) / reported[run]["time_us"] * 1e3 / 21
    found.append(Value("Alex-7", "LNZD node", "", "mW", table["LNZD node"]["mw"], node(EIE64), node(NETLISTS), origin="given"))
    for name, title in LAYERS.items():
        value = Value(title, "64 PEs", "", "mW", table["64 PEs"]["mw"], reports[EIE64]["layers"][name]["energy"]["power_mw"],
                      reports[NETLISTS]["layers"][name]["energy"]["power_mw"], origin="fitted" if name == "alex7" else "simulated")
        if not value.within:
            value.reason = ("The paper has one power for all layers. Where a PE has few entries in a column, it reads pointers and rows of "
                            "Spmat more often for each entry.")
        found.append(value)
    areas = {run: reports[run]["area"]["parts"] for run in (EIE64, NETLISTS)}

    def um2(run, blocks):
        return sum(p["um2"] for p in areas[run] if p["block"] in blocks)

    blocks = {"Total": ("ActQueue", "PtrRead", "SpmatRead", "ArithUnit", "ActRw", "PE"), "ActQueue": ("ActQueue",), "PtrRead": ("PtrRead",),
              "SpmatRead": ("SpmatRead",), "ArithUnit": ("ArithUnit",), "ActRw": ("ActRw",), "filler cell": ("PE",), "LNZD node": ("LnzdTree",)}
    for item, which in blocks.items():
        found.append(Value("", item, "", "um2", table[item]["um2"], um2(EIE64, which), um2(NETLISTS, which),
                           origin="given"))
    found.append(Value("", "64 PEs", "", "mm2", table["64 PEs"]["um2"] / 1e6, reports[EIE64]["area"]["mm2"], reports[NETLISTS]["area"]["mm2"],
                       origin="given"))
    return found


def values3(reports):
    found = []
    flop = paper.by("table3", "layer")
    for name, title in LAYERS.items():
        layer, given = reports[EIE64]["layers"][name], paper.workload()[name]
        work = layer["work"]["entries"] - layer["work"]["padding"]
        broadcast = layer["broadcasts"] / reports_blocks(layer)
        found += [Value(title, "weights left", "", "%", 100 * given["weight_density"], 100 * work / (broadcast * layer["rows"])),
                  Value(title, "activations left", "", "%", 100 * given["activation_density"], 100 * broadcast / layer["columns"]),
                  Value(title, "multiplications left", "", "%", flop[name]["flop"], 100 * work / (layer["rows"] * layer["columns"]))]
        for value in found[-3:]:
            if not value.within:
                product = 100 * given["weight_density"] * given["activation_density"]
                value.reason = (f"The table prints whole percent; its own densities give {product:.2f} %." if value.quantity[0] == "m" else
                                "Random.")
    return found


def reports_blocks(layer):
    """Row blocks, each of which has every non-zero activation broadcast: rows over what the destination registers of 64 PEs hold."""
    return -(-layer["rows"] // (64 * 64))


def time_reason(name, layer):
    """Why a time is not Table IV's: entries, and how evenly they lie; both from the paper's theoretical and actual times."""
    given = paper.workload()[name]
    implied = paper.entries_implied(given)
    entries = layer["work"]["entries"]
    return (f"Table IV's theoretical time stands for {implied:,.0f} entries; the layer made with Table III's densities has {entries:,} "
            f"({100 * (entries / implied - 1):+.0f} %). Load balance is {100 * layer['load_balance']:.1f} % here and, theoretical over actual time, "
            f"{100 * given['theoretical_us'] / given['time_us']:.1f} % there.")


def values4(reports):
    found = []
    table = paper.by("table4", "platform", "batch", "type")
    for name, title in LAYERS.items():
        layer, plus, given = reports[EIE64]["layers"][name], reports[PLUS]["layers"][name], paper.workload()[name]
        theoretical = layer["work"]["entries"] / 64 / paper.CLOCK_MHZ
        beyond = (plus["work"]["entries"] - plus["work"]["padding_skipped"]) / 64 / paper.CLOCK_MHZ
        pair = [Value(title, "EIE, theoretical", "", "us", given["theoretical_us"], theoretical, beyond),
                Value(title, "EIE, actual", "", "us", given["time_us"], layer["time_us"], plus["time_us"])]
        for value in pair:
            if not value.within:
                value.reason = time_reason(name, layer)
        found += pair
    for (platform, batch, kind), row in table.items():
        found += [Value(LAYERS[name], f"{platform}, batch {batch}, {kind}", "", "us", row[name], None, origin="") for name in LAYERS]
    return found


def values5(reports):
    found = []
    units = {"mm2": "mm2", "watt": "W", "frames_per_s": "frames/s", "frames_per_s_mm2": "frames/s/mm2", "frames_per_j": "frames/J"}

    def ours(run):
        report = reports[run]
        layer = report["layers"]["alex7"]
        energy, mm2 = layer["energy"], report["area"]["mm2"]
        return {"mm2": mm2, "watt": energy["power_mw"] / 1e3, "frames_per_s": energy["frames_per_s"],
                "frames_per_s_mm2": energy["frames_per_s"] / mm2, "frames_per_j": energy["frames_per_j"]}

    seen = {"EIE 64 PEs": (ours(EIE64), ours(PLUS)), "EIE 256 PEs": (ours(SCALED), ours(SCALED_PLUS))}
    for machine, row in paper.by("table5", "machine").items():
        for key, unit in units.items():
            mine, plus = seen.get(machine, ({}, {}))
            value = Value("TIMIT LSTM" if machine == "TrueNorth" else "Alex-7", machine, "", unit, row[key], mine.get(key), plus.get(key), limit=5, origin="" if not mine else "simulated")
            if mine and (key == "mm2" or key == "watt" and one_power(reports[SCALED]) and machine == "EIE 256 PEs"):
                value.origin = "given"
            if value.paper is None and value.ours is None:
                continue
            if value.compared and not value.within:
                value.reason = reason5(machine, key, reports[EIE64]["layers"]["alex7"])
            found.append(value)
    return found


def one_power(report):
    """Whether the technology has one number for the power of a PE instead of the events' energy."""
    return not parts_of(report["layers"]["alex7"], event="multiply")


def reason5(machine, key, layer):
    if machine == "EIE 64 PEs":
        return f"The time of Alex-7 is {100 * (layer['time_us'] / paper.workload()['alex7']['time_us'] - 1):.1f} % above Table IV's. " + time_reason("alex7", layer)
    if key == "watt":
        return ("The paper takes four times the power of 64 PEs at 45 nm and 800 MHz. Here the counters of 256 PEs are summed: four times "
                "the PEs read pointers for the same entries.")
    if key == "frames_per_j":
        return "The paper's power is four times that of 64 PEs; its frames are 3.25 times (text) or 5.2 times (table) those of 64 PEs."
    return ("The paper's text says 3.25 times the frames of 64 PEs, its table 5.2 times, which is 3.25 x 1.6: more than the ratio of the "
            "clocks, 1.5. With the clock's 1.5 it would be 399,600.")


PLUS_NAME = "eie64-plus, rows in windows"


def parts():
    return [
        Part("table1", "Table I: energy of an operation", "45 nm", [WIDE, EIE64], values1, dots(0.3, lambda v: v.quantity), (6, 2.6),
             lambda v: "What the program charges for an event is the paper's value: the table shows that it arrives, through reports of "
             "Alex-7 with data of 32 bits (multiply, add), of a pointer bank and of entries from DRAM.", beyond="",
             files=("configs/paper/table1.csv",)),
        Part("table2", "Table II: power and area of a PE", "45 nm, 800 MHz, Alex-7", [EIE64, NETLISTS], values2,
             with_beyond(dots(0.36, lambda v: f"{v.quantity} {v.layer if v.quantity == '64 PEs' else ''} ({v.unit})"),
                         "our netlists / the paper's"), (6.6, 6.6),
             lambda v: "The technology is `paper45` ([energy](../../../energy.md)): one value a row of a block, and the standby of its SRAMs, is "
             "fitted to the paper's row on Alex-7 (the paper does not say which layer it ran), and says so; sums of "
             "fitted rows are marked too, and areas are the paper's by block. Not fitted is the power of the eight other layers. **Our netlists** are `ours45`: our own logic, SRAMs of the paper.",
             beyond="ours45, our netlists", files=("configs/paper/table2.csv",)),
        Part("table3", "Table III: what pruning leaves", "nine layers", [EIE64], values3, dots(0.26, lambda v: f"{v.layer}, {v.quantity}"), (6.6, 6),
             lambda v: "Sizes and densities are the rule's input ([workloads](../../../workloads.md)); here they are counted in the device, in "
             "the columns that are broadcast.", beyond="", files=("configs/paper/table3.csv", "configs/workloads/paper.yaml")),
        Part("table4", "Table IV: time of a frame", "nine layers, 64 PEs at 800 MHz", [EIE64, PLUS], values4,
             with_beyond(dots(0.26, lambda v: f"{v.layer}, {v.quantity[5:]}"), PLUS_NAME + " / the paper's"), (6.6, 5.2),
             lambda v: "EIE's rows beside `eie64`, whose cycles include activation transfers, fill and drain, which the paper's simulator "
             "leaves out. Theoretical is all entries, padding included, spread evenly over the PEs; of ours, those that take a cycle. "
             "The rows of CPU, GPU and mGPU are the paper's.", files=("configs/paper/table4.csv", "configs/workloads/paper.yaml")),
        Part("table5", "Table V: other machines", "AlexNet FC7", [EIE64, PLUS, SCALED, SCALED_PLUS], values5,
             with_beyond(dots(0.3, lambda v: f"{v.quantity}, {v.unit}"), PLUS_NAME + " / the paper's"), (6.6, 3.8),
             lambda v: "EIE with 64 PEs is `eie64` under `paper45`, with 256 PEs `eie256` at 1,200 MHz under `scaled28`. The area of ours has "
             "no value for look-ahead and skipping yet. All other machines are the paper's rows.", files=("configs/paper/table5.csv",)),
    ]
