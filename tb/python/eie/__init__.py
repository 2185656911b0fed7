# SPDX-License-Identifier: Apache-2.0
"""EIE, the Efficient Inference Engine on compressed neural networks, from Python.

A layer on the paper's machine, its outputs and where its cycles went:

>>> import numpy as np
>>> import eie
>>> W = np.array([[0.0, 0.5, 0.0, -1.0], [0.25, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]], dtype=np.float32)
>>> result = eie.run(W, [1.0, 2.0, 0.0, 4.0], relu=True, config="eie4", name="mine")
>>> result.outputs
array([0.  , 0.25, 0.  ])
>>> result.report.golden_match, result.report.broadcasts
(True, 3)

Everything that a user can do wrong raises Error, a ValueError with the program's own words:

>>> eie.run(W, [1.0, 2.0])
Traceback (most recent call last):
    ...
eie.Error: W: has shape (3, 4): expected 2 columns, one for each input activation

docs/python.md describes the package.
"""
from ._compress import Compressed, CompressedLayer, compress
from ._config import Config, configs
from ._eie import DeviceError, Error
from ._eie import version as __version__
from ._network import Layer, Network, load
from ._report import CompressionReport, Report
from ._run import Result, ResultWarning, run
from ._sweep import Sweep, sweep

__all__ = ["Compressed", "CompressedLayer", "CompressionReport", "Config", "DeviceError", "Error", "Layer", "Network", "Report",
           "Result", "ResultWarning", "Sweep", "compress", "configs", "load", "run", "sweep", "__version__"]
