# SPDX-License-Identifier: Apache-2.0
"""One layer."""
from __future__ import annotations

import json
import os
import sys
import warnings
from dataclasses import dataclass
from types import FrameType
from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np
from numpy.typing import NDArray

from . import _eie, _program
from ._config import Config, ConfigLike, config_of
from ._operands import MatrixLike, Operand, samples_of
from ._report import Report

ENGINES = ("hw", "tlm", "rtl")
BALANCES = ("none", "rows", "windows")
TECHNOLOGY = "paper45"
Path = Union[str, "os.PathLike[str]"]
MOST_JOBS = 256


class ResultWarning(UserWarning):
    """A result that may mislead: numbers that became 0 or clamped, outputs that are not the golden model's."""


@dataclass(frozen=True, eq=False)
class Result:
    """What came of a run."""

    #: y as real numbers: (rows,) of one sample, (M, rows) of M.
    outputs: NDArray[np.float64]
    #: The device's integers; outputs = raw * 2^-out_frac.
    raw: NDArray[np.int32]
    #: Counters, formats, errors.
    report: Report
    #: The machine it ran on.
    config: Config


@dataclass
class PlainLayer:
    """A layer with its operands."""

    name: str
    weights: Operand
    bias: Optional[Operand]
    relu: bool
    weight_frac: Optional[int]
    act_frac: Optional[int]
    out_frac: Optional[int]

    def bound(self) -> _eie.Layer:
        return _eie.Layer(self.name, self.weights.matrix, self.bias.matrix if self.bias else None, self.relu, self.weight_frac,
                          self.act_frac, self.out_frac)


@dataclass
class Balance:
    """How rows are dealt to PEs."""

    kind: str
    window: int
    calibration: Optional[Operand]


@dataclass
class Order:
    """A run to be done."""

    command: str  # of the program
    layers: List[PlainLayer]
    samples: Operand
    config: Config
    engine: str
    jobs: int
    labels: Sequence[int]
    stop: _eie.Stop
    balance: Balance
    technology: str  # its file
    memory: str = ""  # its file; none: no cold start
    network: str = ""  # its file
    notes: Sequence[str] = ()  # of that file

    def options(self) -> Dict[str, Any]:
        """As the program's report names them."""
        options: Dict[str, Any] = {"config": self.config.path, "set": [f"{k}={v}" for k, v in self.config.changes] or None,
                                   "engine": self.engine, "load": "backdoor", "jobs": str(self.jobs),
                                   "balance": self.balance.kind, "balance-window": str(self.balance.window),
                                   "technology": self.technology, "memory": self.memory or None}
        if self.command == "run":
            layer = self.layers[0]
            options["relu"] = layer.relu
            for key, value in (("weight-frac", layer.weight_frac), ("act-frac", layer.act_frac), ("out-frac", layer.out_frac)):
                options[key] = None if value is None else str(value)
        return options


@dataclass
class Outcome:
    """What an engine gives: integers of samples x rows, and the report with what is to be said of it."""

    raw: NDArray[np.int32]
    out_frac: int
    report: Dict[str, Any]
    messages: List[str]


def check_frac(name: str, value: Optional[int]) -> Optional[int]:
    if value is None:
        return None
    if isinstance(value, bool) or not hasattr(value, "__index__") or not -64 <= int(value) <= 64:
        raise _eie.Error(f"{name} is {value!r}: expected an integer from -64 to 64, or None")
    return int(value)


def layer_of(W: MatrixLike, bias: Optional[MatrixLike], relu: bool, weight_frac: Optional[int], act_frac: Optional[int],
             out_frac: Optional[int]) -> PlainLayer:
    """A layer without a name. What a container holds of it beside W is taken where it is not given, as by the program."""
    weights = Operand("W", W)
    fracs = [check_frac("weight_frac", weight_frac), check_frac("act_frac", act_frac), check_frac("out_frac", out_frac)]
    stored = _eie.stored_layer(weights.path) if weights.path else None
    if stored is not None:
        if bias is None and stored[0]:
            bias = stored[0]
        relu = bool(relu) or stored[1]
        fracs = [kept if given is None else given for given, kept in zip(fracs, stored[2:])]
    return PlainLayer("", weights, None if bias is None else Operand("bias", bias, length=weights.shape[0]), bool(relu), *fracs)


def balance_of(balance: str, window: Optional[int], calibration: Optional[MatrixLike]) -> Balance:
    if balance not in BALANCES:
        raise _eie.Error(f"balance is {balance!r}: expected 'none', 'rows' or 'windows'")
    if window is not None:
        if balance == "none":
            raise _eie.Error("balance_window is given without balance: expected balance 'rows' or 'windows'")
        if isinstance(window, bool) or not isinstance(window, int) or not 1 <= window < 2**63:
            raise _eie.Error(f"balance_window is {window!r}: expected an integer from 1 to 2^63 - 1")
    return Balance(balance, _eie.balance_window if window is None else window,
                   None if calibration is None else Operand("calibration", calibration))


def technology_of(technology: Path) -> str:
    """Its file."""
    return os.path.abspath(_eie.technology_file(os.fspath(technology)))


def memory_of(memory: Optional[Path]) -> str:
    """Its file; none: no cold start."""
    return "" if memory is None else os.path.abspath(_eie.memory_file(os.fspath(memory)))


def check_engine(engine: str, jobs: int) -> None:
    if engine not in ENGINES:
        raise _eie.Error(f"engine is {engine!r}: expected 'hw', 'tlm' or 'rtl'")
    if isinstance(jobs, bool) or not isinstance(jobs, int) or not 1 <= jobs <= MOST_JOBS:
        raise _eie.Error(f"jobs is {jobs!r}: expected an integer from 1 to {MOST_JOBS}")
    if jobs > 1 and engine != "tlm":
        raise _eie.Error(f"jobs is {jobs} with engine {engine!r}: expected 1, or engine 'tlm'")


def carry_out(order: Order, one: bool, quiet: bool = False) -> Result:
    """Does a run; `one`: its sample is a vector, and so are its outputs. Not `quiet`: warns of what may mislead."""
    if order.engine == "tlm":
        calibration = order.balance.calibration
        raw, out_frac, text, mismatch, notes = _eie.run([layer.bound() for layer in order.layers], order.samples.matrix,
                                                        order.config._hardware, order.command, json.dumps(order.options()),
                                                        order.jobs, list(order.labels), order.stop, order.balance.kind,
                                                        order.balance.window, calibration.matrix if calibration else None,
                                                        order.technology, order.memory)
        messages = list(notes) + ([f"does not match the golden model: {mismatch}"] if mismatch else [])
        outcome = Outcome(raw, out_frac, json.loads(text), messages)
    else:
        outcome = _program.run(order)
    report = Report(outcome.report)
    outputs = np.ldexp(outcome.raw.astype(np.float64), -outcome.out_frac)
    result = Result(outputs[0] if one else outputs, outcome.raw[0] if one else outcome.raw, report, order.config)
    if not quiet:
        messages = [*order.notes, *(text for text in outcome.messages if text not in order.notes)]
        warn(messages + list(report.warnings))
    return result


def warn(messages: Sequence[str]) -> None:
    """Where it points to is the line that called the package."""
    level = 1
    frame: Optional[FrameType] = sys._getframe(0)
    while frame is not None and os.path.dirname(frame.f_code.co_filename) == os.path.dirname(__file__):
        frame, level = frame.f_back, level + 1
    for message in messages:
        warnings.warn(message, ResultWarning, stacklevel=level)


def run(W: MatrixLike, a: MatrixLike, bias: Optional[MatrixLike] = None, relu: bool = False, config: ConfigLike = "eie64",
        engine: str = "tlm", *, jobs: int = 1, weight_frac: Optional[int] = None, act_frac: Optional[int] = None,
        out_frac: Optional[int] = None, balance: str = "none", balance_window: Optional[int] = None,
        calibration: Optional[MatrixLike] = None, technology: Path = TECHNOLOGY,
        memory: Optional[Path] = None, **keys: Any) -> Result:
    """y = W a + b on a device, compared bit for bit with the golden model.

    W: rows x columns; a: (columns,), or (M, columns), which are M samples; bias: (rows,). Arrays of NumPy of any layout, which
    are not copied, sparse matrices of SciPy, sequences, or names of files. float16, float32, float64, integers or bool.
    A layer of a container, "NET.eie:fc1", brings its codes, and its bias, ReLU and fraction bits where none are given.
    relu: negative outputs become 0.
    config: a name, a YAML file, or a Config; `keys` change it (queue_depth=15).
    engine: "tlm" runs in this process, with any configuration, from several threads at once if need be; "hw" and "rtl" run in a
    process of the program `eie`, and each has the same outputs and cycles.
    jobs: so many samples side by side, on engine tlm. weight_frac, act_frac, out_frac: fraction bits; None: the most that clamp
    nothing.
    balance: "rows" or "windows" deals rows to PEs so that work is even, over all columns or within windows of `balance_window`
    columns too; calibration: (M, columns), inputs like those to come, whose more frequent columns count more.
    technology: what events cost, for `report.energy` and `report.area`: a name or a YAML file.
    memory: what a cold start loads from, for `report.cold_start`: "lpddr2", "ddr4" or a YAML file; None: no cold start.

    Raises Error for what a user can do wrong, DeviceError if the device refuses or hangs. Ctrl-C ends it.

    >>> import numpy as np, eie
    >>> W = np.array([[1.0, 0.0], [0.0, -2.0]])
    >>> eie.run(W, [0.5, 0.25], bias=[0.0, 1.0], config="eie4").outputs
    array([0.5, 0.5])
    >>> eie.run(W, np.eye(2), config="eie4", queue_depth=3).outputs.shape
    (2, 2)
    """
    check_engine(engine, jobs)
    samples, one = samples_of("a", a)
    layer = layer_of(W, bias, relu, weight_frac, act_frac, out_frac)
    return carry_out(Order("run", [layer], samples, config_of(config, keys), engine, jobs, (), _eie.Stop(),
                           balance_of(balance, balance_window, calibration), technology_of(technology),
                           memory_of(memory)), one)
