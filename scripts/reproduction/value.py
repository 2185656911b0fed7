# SPDX-License-Identifier: Apache-2.0
"""A value of the paper beside ours, and a part of the paper: a table or a figure."""
import csv
import dataclasses
import io
import typing


@dataclasses.dataclass
class Value:
    """`paper` or `ours` may be None: then there is nothing to compare. `beyond` is the machine of our own."""
    layer: str
    quantity: str
    x: str
    unit: str
    paper: typing.Optional[float]
    ours: typing.Optional[float]
    beyond: typing.Optional[float] = None
    limit: float = 10
    kind: str = "percent"  # or "points", for what is in percent itself
    origin: str = "simulated"  # "reckoned" from simulated counts, "given" to the model by the paper, "fitted" to it, "measured" here
    reason: str = ""

    @property
    def compared(self):
        return self.paper is not None and self.ours is not None

    @property
    def difference(self):
        if not self.compared:
            return None
        return self.ours - self.paper if self.kind == "points" else 100 * (self.ours / self.paper - 1)

    @property
    def relative(self):
        return 100 * (self.ours / self.paper - 1) if self.compared else None

    @property
    def within(self):
        return abs(self.difference) <= self.limit

    @property
    def verdict(self):
        if not self.compared:
            return "the paper's alone" if self.ours is None else "ours alone"
        return "within" if self.within else "outside"


@dataclasses.dataclass
class Part:
    """A table or a figure. values(reports) is called with {run: report} of its `runs`; draw(figure, values) draws on one of
    matplotlib; text(values) is Markdown above the table."""
    name: str
    title: str
    about: str
    runs: list
    values: typing.Callable
    draw: typing.Callable
    size: tuple = (7.2, 4.5)
    text: typing.Callable = lambda values: ""
    beyond: str = "eie64-plus, rows in windows"
    files: tuple = ()  # what else it reads, from the root of the tree


COLUMNS = ["layer", "quantity", "x", "unit", "paper", "ours", "beyond", "difference", "tolerance", "tolerance_unit", "verdict", "origin",
           "reason"]


def plain(number):
    """Six significant digits: more than the paper prints, few enough to be the same on every machine."""
    return "" if number is None else f"{number:.6g}"


def as_csv(values):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for v in values:
        writer.writerow([v.layer, v.quantity, v.x, v.unit, plain(v.paper), plain(v.ours), plain(v.beyond),
                         "" if not v.compared else f"{v.difference:.2f}", plain(v.limit) if v.compared else "",
                         v.kind if v.compared else "", v.verdict, v.origin, v.reason])
    return text.getvalue()
