# SPDX-License-Identifier: Apache-2.0
"""Pictures: the paper black, ours grey or hatched, so that they are read in black and white too."""
import io
import math

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (behind the choice of what draws)
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator  # noqa: E402

from .paper import LAYERS  # noqa: E402
from .runs import write_whole  # noqa: E402

plt.rcParams.update({"font.size": 8, "axes.titlesize": 8, "axes.grid": True, "grid.color": "0.88", "grid.linewidth": 0.6,
                     "axes.axisbelow": True, "hatch.linewidth": 0.5, "svg.fonttype": "none", "svg.hashsalt": "eie", "legend.frameon": False,
                     "axes.spines.top": False, "axes.spines.right": False, "font.family": "DejaVu Sans"})
PAPER = {"color": "black", "marker": "o", "markersize": 3.5, "linestyle": "--", "linewidth": 1, "markerfacecolor": "white"}
OURS = {"color": "#2060a0", "marker": "s", "markersize": 3, "linestyle": "-", "linewidth": 1.2}
BEYOND = {"color": "#c06000", "marker": "^", "markersize": 3.5, "linestyle": ":", "linewidth": 1.4}


def text_of(number):
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def ratios(figure, values, label=lambda v: f"{v.layer} {v.quantity}".strip()):
    """Ours over the paper's, a line a value; the band is 10 %."""
    shown = [v for v in values if v.compared and v.paper]
    axes = figure.subplots()
    axes.axvspan(0.9, 1.1, color="0.92", zorder=0)
    axes.axvline(1, color="black", linewidth=0.8)
    for k, v in enumerate(shown):
        ratio = v.ours / v.paper
        axes.plot([1, ratio], [k, k], color="0.6", linewidth=0.8)
        axes.plot(ratio, k, **{**OURS, "linestyle": "none", "label": "" if k else "ours over the paper's"})
        if v.beyond is not None:
            axes.plot(v.beyond / v.paper, k, **{**BEYOND, "linestyle": "none", "markerfacecolor": "white"})
    axes.set_yticks(range(len(shown)), [label(v) for v in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    spread = [v.ours / v.paper for v in shown] + [v.beyond / v.paper for v in shown if v.beyond is not None]
    axes.set_xlim(min(0.75, min(spread) - 0.05), max(1.25, max(spread) + 0.05))
    axes.set_xlabel("ours / the paper's")
    return axes


def ratio_legend(figure, axes, beyond):
    handles = [plt.Line2D([], [], **{**OURS, "linestyle": "none"})]
    names = ["ours / the paper's"]
    if beyond:
        handles.append(plt.Line2D([], [], **{**BEYOND, "linestyle": "none", "markerfacecolor": "white"}))
        names.append(beyond)
    handles.append(plt.Rectangle((0, 0), 1, 1, color="0.92"))
    figure.legend(handles, names + ["within 10 %"], loc="upper center", ncols=3)


def panels(figure, values, xlabel, ylabel, limits=None, log=False, beyond=None, thousands=False):
    """A panel a layer: the paper's line, ours, and the machine of our own. `thousands`: each panel with its own axis, in thousands."""
    axes_all = figure.subplots(3, 3, sharex=True, sharey=not thousands)
    for axes, (name, title) in zip(axes_all.flat, LAYERS.items()):
        own = [v for v in values if v.layer == title and v.x != ""]
        for style, get in ((PAPER, lambda v: v.paper), (OURS, lambda v: v.ours), (BEYOND, lambda v: v.beyond)):
            points = [(float(v.x), get(v)) for v in own if get(v) is not None]
            if points:
                axes.plot(*zip(*points), **style)
        axes.set_title(title, pad=2)
        axes.set_xscale("log", base=2)
        xs = sorted({float(v.x) for v in own})
        axes.xaxis.set_major_locator(FixedLocator(xs[::2] if len(xs) > 6 else xs))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
        if log:
            axes.set_yscale("log", base=2)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.0f}"))
            axes.yaxis.set_minor_locator(NullLocator())
        if thousands:
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y / 1e3:g}"))
        if limits:
            axes.set_ylim(*limits)
    for axes in axes_all[-1]:
        axes.set_xlabel(xlabel)
    for axes in axes_all[:, 0]:
        axes.set_ylabel(ylabel)
    handles = [plt.Line2D([], [], **style) for style in (PAPER, OURS, BEYOND)]
    names = ["the paper", "ours: eie64"] + ([beyond] if beyond else [])
    figure.legend(handles[:len(names)], names, loc="upper center", ncols=3)
    figure.subplots_adjust(left=0.08, right=0.985, bottom=0.09, top=0.9, hspace=0.22, wspace=0.16 if thousands else 0.08)


# Of bars: (fill, hatch). The first of these are the paper's own machines, the next what was measured.
OTHERS = [("white", ""), ("0.85", ""), ("white", "////"), ("0.6", ""), ("white", "||||"), ("0.75", "\\\\\\\\"), ("white", "xxxx"), ("0.9", "----"),
          ("white", "++++"), ("0.7", "////")]
OWN = [("black", ""), (OURS["color"], ""), ("#f0b070", "")]


def bars(figure, groups, series, ylabel, names):
    """Groups of bars on a logarithmic axis; `series`: [(name, {group: value})], of which `names` are the last and have their values above."""
    axes = figure.subplots()
    width = 0.88 / len(series)
    styles = (OTHERS * 2)[:len(series) - len(names)] + OWN[:len(names)]
    low = 10 ** math.floor(math.log10(min(v for _, s in series for v in s.values() if v)))
    for k, (name, values) in enumerate(series):
        at = [g + (k - (len(series) - 1) / 2) * width for g, group in enumerate(groups) if values.get(group)]
        heights = [values[group] for group in groups if values.get(group)]
        axes.bar(at, [h - low for h in heights], width, bottom=low, label=name, color=styles[k][0],
                 hatch=styles[k][1], edgecolor="black", linewidth=0.5)
        if name in names:
            for x, height in zip(at, heights):
                axes.text(x, height * 1.12, text_of(height), ha="center", va="bottom", rotation=90, fontsize=5.5)
    axes.set_yscale("log")
    axes.set_ylim(top=axes.get_ylim()[1] * 3)
    axes.set_xticks(range(len(groups)), groups)
    axes.grid(False, axis="x")
    axes.set_ylabel(ylabel)
    figure.legend(loc="upper center", ncols=5, fontsize=7)
    figure.subplots_adjust(left=0.075, right=0.99, bottom=0.07, top=0.86)
    return axes


def save(part, values, folder):
    """SVG, and a small PNG."""
    figure = plt.figure(figsize=part.size)
    part.draw(figure, values)
    for kind, more in (("svg", {"metadata": {"Date": None, "Creator": None}}),
                       ("png", {"dpi": 80, "metadata": {"Software": None}, "pil_kwargs": {"optimize": True}})):
        picture = io.BytesIO()
        figure.savefig(picture, format=kind, **more)
        write_whole(folder / f"{part.name}.{kind}", picture.getvalue())
    plt.close(figure)
