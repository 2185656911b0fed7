# SPDX-License-Identifier: Apache-2.0
"""What users give as matrices: arrays of NumPy, sparse matrices of SciPy, sequences, names of files."""
from __future__ import annotations

import os
from typing import Any, List, Optional, Tuple, Union

import numpy as np

from . import _eie

# An array, a sparse matrix, a sequence of numbers, or the name of a file.
MatrixLike = Union["np.ndarray[Any, Any]", List[Any], Tuple[Any, ...], str, "os.PathLike[str]", Any]


class Operand:
    """A matrix or a vector for a run. An array is not copied, whatever its layout; a sparse matrix is not made dense."""

    def __init__(self, name: str, value: MatrixLike, length: Optional[int] = None) -> None:
        """length: of a vector, to choose among the arrays of an archive."""
        self.name = name
        self.path = ""  # of a file
        self._value: Any = value
        if isinstance(value, (str, os.PathLike)):
            self.path = os.fspath(value)
            self.matrix = _eie.Matrix.open(self.path, length)
        elif hasattr(value, "tocoo"):
            places = value.tocoo(copy=False)
            if len(places.shape) != 2:
                raise _eie.Error(f"{name}: has shape {places.shape}: expected a matrix, rows x columns")
            self.matrix = _eie.Matrix.sparse(name, places.shape[0], places.shape[1], places.row, places.col, np.asarray(places.data))
        elif isinstance(value, np.ma.MaskedArray):
            raise _eie.Error(f"{name}: is a masked array: expected one without a mask (numpy: a.filled(0))")
        else:
            self._value = np.asarray(value)
            self.matrix = _eie.Matrix.dense(name, self._value)

    @property
    def shape(self) -> Tuple[int, ...]:
        return self.matrix.shape

    def save(self, folder: str, stem: str) -> str:
        """Writes what is in memory into a folder and returns the name of the file; the path of what is a file."""
        if self.path:
            return os.path.abspath(self.path)
        if hasattr(self._value, "tocoo"):
            from scipy import sparse  # type: ignore[import]  # it made the value

            sparse.save_npz(os.path.join(folder, stem + ".npz"), sparse.coo_matrix(self._value), compressed=False)
            return stem + ".npz"
        np.save(os.path.join(folder, stem + ".npy"), self._value)
        return stem + ".npy"


def samples_of(name: str, value: MatrixLike) -> Tuple[Operand, bool]:
    """Activations, and whether they are of one sample: (N,) is one, (M, N) are M."""
    operand = Operand(name, value)
    return operand, len(operand.shape) == 1
