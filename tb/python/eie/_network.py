# SPDX-License-Identifier: Apache-2.0
"""Chains of layers."""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, List, Optional, Sequence, Union

import numpy as np
from numpy.typing import NDArray

from . import _eie
from ._config import ConfigLike, config_of
from ._operands import MatrixLike, Operand, samples_of
from ._run import TECHNOLOGY, Order, Path, PlainLayer, Result, balance_of, carry_out, check_engine, check_frac, memory_of, technology_of


@dataclass
class Layer:
    """y = W a + b, with ReLU if asked for. W: rows x columns, bias: (rows,), as eie.run() takes them; fraction bits where they
    are fixed."""

    W: MatrixLike
    bias: Optional[MatrixLike] = None
    relu: bool = False
    name: str = ""
    weight_frac: Optional[int] = None
    out_frac: Optional[int] = None


class Network:
    """A chain of layers, whose activations stay on the device where they fit.

    layers: Layer objects, or matrices, which are layers without bias and ReLU; or the name of a network's YAML file (docs/eie.md),
    of a container (NET.eie), whose shared weights are taken as they are, of an ONNX model, or of a network that comes with the
    program.

    >>> import numpy as np, eie
    >>> network = eie.Network([eie.Layer(np.eye(3) * 2, relu=True), np.eye(3)[::-1]])
    >>> network.run([1.0, 2.0, -3.0], config="eie4").outputs
    array([0., 4., 2.])
    >>> network.predict(np.eye(3), config="eie4")
    array([2, 1, 0])
    """

    def __init__(self, layers: Union[str, "os.PathLike[str]", Sequence[Union[Layer, MatrixLike]]]) -> None:
        """Raises Error."""
        self._layers: List[PlainLayer] = []
        self._inputs = ""
        self._labels = ""
        self._path = ""  # of its file
        self._notes: List[str] = []
        if isinstance(layers, (str, os.PathLike)):
            self._open(_eie.network_file(os.fspath(layers)))
        else:
            self._take(list(layers))

    def _open(self, path: str) -> None:
        self._path = path
        found, self._inputs, self._labels, self._notes = _eie.load_network(path)
        for name, weights_file, bias_file, relu, weight_frac, act_frac, out_frac in found:
            weights = Operand(name + ".W", weights_file)
            bias = Operand(name + ".bias", bias_file, length=weights.shape[0]) if bias_file else None
            self._layers.append(PlainLayer(name, weights, bias, relu, weight_frac, act_frac, out_frac))

    def _take(self, layers: List[Any]) -> None:
        if not layers:
            raise _eie.Error("layers is empty: expected at least one layer")
        for k, given in enumerate(layers):
            layer = given if isinstance(given, Layer) else Layer(given)
            name = layer.name or f"layer{k + 1}"
            if any(name == other.name for other in self._layers):
                raise _eie.Error(f"layer {k + 1} is named '{name}': expected a name that no other layer has")
            weights = Operand(name + ".W", layer.W)
            bias = None if layer.bias is None else Operand(name + ".bias", layer.bias, length=weights.shape[0])
            self._layers.append(PlainLayer(name, weights, bias, bool(layer.relu),
                                           check_frac(name + ".weight_frac", layer.weight_frac), None,
                                           check_frac(name + ".out_frac", layer.out_frac)))

    @property
    def names(self) -> List[str]:
        """Of the layers."""
        return [layer.name for layer in self._layers]

    @property
    def inputs(self) -> NDArray[np.float64]:
        """The samples that a network's file names, samples x features. Raises Error where there are none."""
        if not self._inputs:
            if self._path:
                raise _eie.Error(f"{self._path}: names no inputs: expected a network's YAML file with the key inputs")
            raise _eie.Error("the network was made of layers: expected a file, which names inputs")
        return _eie.load_samples(self._inputs, self._layers[0].weights.path)

    @property
    def labels(self) -> NDArray[np.int64]:
        """The labels that a network's file names. Raises Error where there are none."""
        if not self._labels:
            raise _eie.Error("the network names no labels: expected a file with the key labels")
        return _eie.load_labels(self._labels)

    def run(self, X: MatrixLike, labels: Optional[Sequence[int]] = None, config: ConfigLike = "eie64", engine: str = "tlm", *,
            jobs: int = 1, balance: str = "none", balance_window: Optional[int] = None, calibration: Optional[MatrixLike] = None,
            technology: Path = TECHNOLOGY, memory: Optional[Path] = None, **keys: Any) -> Result:
        """Runs samples, (features,) or (M, features), as eie.run() does. labels: the right output of each sample; the report then
        has `accuracy` and `float_accuracy`. `report.layers` has a report for each layer. Raises Error, DeviceError."""
        check_engine(engine, jobs)
        samples, one = samples_of("X", X)
        order = Order("network", self._layers, samples, config_of(config, keys), engine, jobs,
                      () if labels is None else _checked_labels(labels), _eie.Stop(),
                      balance_of(balance, balance_window, calibration), technology_of(technology), memory_of(memory), self._path, self._notes)
        return carry_out(order, one)

    def predict(self, X: MatrixLike, config: ConfigLike = "eie64", engine: str = "tlm", *, jobs: int = 1,
                balance: str = "none", **keys: Any) -> NDArray[np.int64]:
        """The index of the largest output (the first, at a tie) of each sample: (M,); of one sample without a
        dimension."""
        return np.asarray(np.argmax(self.run(X, None, config, engine, jobs=jobs, balance=balance, **keys).raw, axis=-1), dtype=np.int64)


def load(path: Union[str, "os.PathLike[str]"]) -> Network:
    """The network of a file, or one that comes with the program, by name. Raises Error.

    >>> import eie
    >>> eie.load("digits").names
    ['ip1', 'ip2', 'ip3']
    """
    if not isinstance(path, (str, os.PathLike)):
        raise _eie.Error(f"path is {path!r}: expected the name of a file")
    return Network(path)


def _checked_labels(labels: Sequence[int]) -> List[int]:
    array = np.asarray(labels)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        raise _eie.Error(f"labels: has shape {array.shape} of {array.dtype}: expected integers, one for each sample")
    return [int(label) for label in array]
