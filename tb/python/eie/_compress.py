# SPDX-License-Identifier: Apache-2.0
"""Networks made smaller."""
from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple, Union

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import _eie
from ._config import ConfigLike, config_of
from ._network import Layer, Network
from ._operands import MatrixLike, Operand
from ._report import CompressionReport
from ._run import Path, warn

# One number for all layers, numbers by the layers' names, or a text as the program takes it ("0.1,fc3=0.25").
PerLayer = Union[float, str, Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class CompressedLayer:
    """A layer of shared weights, column after column as in scipy.sparse.csc_matrix. The arrays cannot be written to."""

    name: str
    #: Rows, columns.
    shape: Tuple[int, int]
    relu: bool
    #: One a row, or none at all.
    bias: NDArray[np.float64]
    #: The shared value of each code; code 0 is 0.
    values: NDArray[np.float64]
    #: Column j has the elements offset[j] to offset[j + 1] - 1.
    offset: NDArray[np.uint64]
    #: The row of each element.
    row: NDArray[np.uint32]
    #: The code of each element, 1 or more.
    code: NDArray[np.uint8]

    def column(self) -> NDArray[np.int64]:
        """The column of each element."""
        return np.repeat(np.arange(self.shape[1], dtype=np.int64), np.diff(self.offset.astype(np.int64)))

    def dense(self, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """W with its shared values, a new array; `dense() != 0` is the mask of the weights that stay."""
        W = np.zeros(self.shape, dtype=dtype)
        W[self.row, self.column()] = self.values[self.code]
        return W

    def codes(self) -> NDArray[np.uint8]:
        """The code of each weight, a new array; `values[codes()]` is W. The weights of a code have one value when retrained."""
        codes = np.zeros(self.shape, dtype=np.uint8)
        codes[self.row, self.column()] = self.code
        return codes


@dataclass(frozen=True, eq=False)
class Compressed:
    """What came of a compression."""

    layers: List[CompressedLayer]
    #: Sizes, rates, errors: what `eie compress --json` writes.
    report: CompressionReport

    def __getitem__(self, name: str) -> CompressedLayer:
        """The layer of that name. Raises KeyError."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)


def _number(name: str, value: object) -> str:
    """As the program's command line has it."""
    if hasattr(value, "item"):  # a scalar of NumPy
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _eie.Error(f"{name} is {value!r}: expected a number")
    return str(value)


def _per_layer(name: str, value: PerLayer) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ",".join(f"{layer}={_number(name, number)}" for layer, number in value.items())
    return _number(name, value)


def _integer(name: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or not low <= int(value.__index__()) <= high:
        raise _eie.Error(f"{name} is {value!r}: expected an integer from {low} to {high if high < 2**32 else '2^63 - 1'}")
    return int(value.__index__())


def _network_of(network: Any) -> Tuple[Network, str, str]:
    """A network, its name, and its file or ""."""
    if isinstance(network, Network):
        path = network._path
        return network, os.path.splitext(os.path.basename(path))[0] if path else "network", path
    if isinstance(network, (str, os.PathLike)):
        found = _eie.weights_layer(os.fspath(network))
        if found is None:
            return _network_of(Network(network))
        name, weights, bias = found
        return Network([Layer(weights, bias or None, name=name)]), name, ""
    layers = list(network) if isinstance(network, (list, tuple)) else [network]
    return Network(layers), "network", ""


def compress(network: Union[Path, Network, Layer, MatrixLike, Sequence[Union[Layer, MatrixLike]]], *,
             density: Optional[PerLayer] = None, threshold: Optional[PerLayer] = None, rate: Optional[float] = None,
             bits: Optional[int] = None, index_bits: Optional[int] = None, start: str = "best", seed: Optional[int] = None,
             balance: str = "none", balance_window: Optional[int] = None, calibration: Optional[MatrixLike] = None,
             calibration_samples: Optional[int] = None, config: ConfigLike = "eie64", output: Optional[Path] = None,
             **keys: Any) -> Compressed:
    """A network pruned, its weights shared, and how much storage it takes: bit for bit what `eie compress` makes of it.

    network: a Network, the name of its file or of a file of weights, a matrix, a Layer, or a list of these.
    density: so large a part of the weights stays, the largest; threshold: weights of this magnitude or more stay; rate: layers
    without either are pruned until the network is so many times smaller, Huffman-coded. None of them: no weight is pruned.
    bits: of a code, 2 to 8, index_bits: of a relative index in storage, 1 to 8; None: those of the configuration.
    start: where k-means starts, "best", "linear", "density" or "random"; seed: of random starts, 1.
    balance: "pe" or "windows" keeps as many weights in each PE, in all or in each `balance_window` (64) columns.
    calibration: (M, features), of which the first `calibration_samples` (256; 0: all) tell output errors and sensitivity.
    config: the device that the report and the container are for; `keys` change it.
    output: a container, NET.eie, to write, which eie.load() reads.

    Nothing is retrained. Raises Error. Ctrl-C ends it.

    >>> import numpy as np, eie
    >>> W = np.random.default_rng(1).standard_normal((64, 48))
    >>> small = eie.compress(W, density=0.25, bits=3, config="eie4")
    >>> small.report.total.kept, small.layers[0].values.size
    (768, 8)
    >>> bool(np.all(small.layers[0].dense()[np.abs(W) < 1] == 0))
    True
    """
    chosen = config_of(config, keys)
    words: Dict[str, str] = {"prune-balance": balance, "start": start}
    given: Set[str] = set()
    for option, argument, value in (("density", "density", density), ("threshold", "threshold", threshold), ("rate", "rate", rate)):
        if value is not None:
            words[option] = _per_layer(argument, value)
    sizes = [None if value is None else _integer(name, value, low, 8) for name, value, low in (("bits", bits, 2), ("index_bits", index_bits, 1))]
    if bits is not None:
        words["bits"] = str(sizes[0])
    window = 64 if balance_window is None else _integer("balance_window", balance_window, 1, 2**63 - 1)
    words["window"] = str(window)
    if balance_window is not None:
        given.add("window")
    drawn = 1 if seed is None else _integer("seed", seed, 0, 2**63 - 1)
    words["seed"] = str(drawn)
    if seed is not None:
        given.add("seed")
    if calibration_samples is not None and calibration is None:
        raise _eie.Error(f"calibration_samples is {calibration_samples!r} without calibration: expected both or neither")
    samples = 256 if calibration_samples is None else _integer("calibration_samples", calibration_samples, 0, 2**63 - 1)
    made, name, path = _network_of(network)
    options = {"config": chosen.path, "set": [f"{k}={v}" for k, v in chosen.changes] or None, **words,
               "index-bits": None if index_bits is None else str(sizes[1]), "calibration-samples": str(samples),
               "output": None if output is None else os.fspath(output)}
    features = None if calibration is None else Operand("calibration", calibration).matrix
    done = _eie.compress([layer.bound() for layer in made._layers], name, chosen._hardware, words, given, sizes[0], sizes[1], drawn,
                         window, features, samples, path, "" if output is None else os.fspath(output), json.dumps(options),
                         _eie.Stop())
    report = CompressionReport(json.loads(done.report))
    warn([*made._notes, *done.notes, *report.warnings])
    return Compressed([CompressedLayer(layer, (rows, columns), relu, bias, values, offset, row, code)
                       for layer, rows, columns, relu, bias, values, offset, row, code in done.layers()], report)
