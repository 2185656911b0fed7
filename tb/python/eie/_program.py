# SPDX-License-Identifier: Apache-2.0
"""Engines hw and rtl: SystemC elaborates once in a process, so each run is a process of the program `eie`."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any, Dict, List

import numpy as np

from . import _eie

if TYPE_CHECKING:
    from ._operands import Operand
    from ._run import Order, Outcome

LOOK_EVERY = 0.1  # seconds, for a stop and for signals


def find() -> str:
    """The program: that of EIE_PROGRAM, of this build or installation, or of PATH. Raises Error."""
    named = os.environ.get("EIE_PROGRAM")
    if named:
        if not os.access(named, os.X_OK) or not os.path.isfile(named):
            raise _eie.Error(f"EIE_PROGRAM is '{named}': expected the program eie")
        return named
    folder = os.path.dirname(os.path.realpath(_eie.__file__))
    for _ in range(5):
        folder = os.path.dirname(folder)
        for program in (os.path.join(folder, "bin", "eie"), os.path.join(folder, "eie")):
            if os.path.isfile(program) and os.access(program, os.X_OK):
                return program
    program_of_path = shutil.which("eie")
    if program_of_path is None:
        raise _eie.Error("engines hw and rtl run in the program eie, which is found neither beside this package nor in PATH: "
                         "expected it there, its path in EIE_PROGRAM, or engine 'tlm'")
    return program_of_path


class _Files:
    """What is in memory, in files of a folder; their names stand in messages and reports until named() puts back the operands'."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._names: Dict[str, str] = {}

    def save(self, operand: "Operand") -> str:
        file = operand.save(self.folder, f"operand{len(self._names)}")
        if not operand.path:
            self._names[file] = operand.name
        return file

    def named(self, text: str) -> str:
        for file, name in self._names.items():
            text = text.replace(file, name)
        return text


def run(order: "Order") -> "Outcome":
    """Does a run in a process of its own."""
    from ._run import Outcome

    program = find()
    head = f"eie {order.command}: "
    with tempfile.TemporaryDirectory(prefix="eie-") as folder:
        files = _Files(folder)
        words = [program, order.command, "--engine", order.engine, "--config", order.config.path]
        for key, value in order.config.changes:
            words += ["--set", f"{key}={value}"]
        words += ["--technology", order.technology]
        if order.memory:
            words += ["--memory", order.memory]
        words += ["--json", "report.json", "--raw-output", "raw.npy"]
        if order.balance.kind != "none":
            words += ["--balance", order.balance.kind, "--balance-window", str(order.balance.window)]
        if order.balance.calibration is not None:
            words += ["--calibration", files.save(order.balance.calibration)]
        words += _layer_words(order, files) if order.command == "run" else _network_words(order, files)
        lines, status = _finish(words, folder, order)
        lines = [files.named(line) for line in lines]
        report_file = os.path.join(folder, "report.json")
        if not os.path.exists(report_file):
            raise _error_of(lines[-1] if lines else "", status, program, head)
        with open(report_file, encoding="utf-8") as text:
            report: Dict[str, Any] = json.load(text)
        if report["version"] != _eie.version:
            raise _eie.Error(f"{program} is version {report['version']}: expected {_eie.version}, that of this package")
        raw = np.load(os.path.join(folder, "raw.npy"))
    report["options"] = order.options()
    for item in report["inputs"]:
        item["path"] = files.named(item["path"])
    raw = raw.reshape(-1, raw.shape[-1])
    formats = (report["layers"][-1] if "layers" in report else report)["formats"]
    messages = []
    for line in lines:
        for word in (head + "note: ", head):  # the report has the warnings
            if line.startswith(word) and not line.startswith(head + "warning: "):
                messages.append(line[len(word):])
                break
    return Outcome(raw, formats["out_frac"], report, messages)


def _layer_words(order: "Order", files: _Files) -> List[str]:
    layer = order.layers[0]
    words = ["--weights", files.save(layer.weights), "--activations", files.save(order.samples)]
    if layer.bias is not None:
        words += ["--bias", files.save(layer.bias)]
    if layer.relu:
        words.append("--relu")
    for key, value in (("weight-frac", layer.weight_frac), ("act-frac", layer.act_frac), ("out-frac", layer.out_frac)):
        if value is not None:
            words.append(f"--{key}={value}")
    return words


def _network_words(order: "Order", files: _Files) -> List[str]:
    if any(layer.act_frac is not None for layer in order.layers):  # of a container: YAML has no key for it
        words = ["--network", os.path.abspath(order.network), "--inputs", files.save(order.samples)]
        if len(order.labels) > 0:
            np.save(os.path.join(files.folder, "labels.npy"), np.asarray(order.labels, dtype=np.int64))
            words += ["--labels", "labels.npy"]
        return words
    network: Dict[str, Any] = {"inputs": files.save(order.samples), "layers": []}
    if len(order.labels) > 0:
        np.save(os.path.join(files.folder, "labels.npy"), np.asarray(order.labels, dtype=np.int64))
        network["labels"] = "labels.npy"
    for layer in order.layers:
        item: Dict[str, Any] = {"name": layer.name, "weights": files.save(layer.weights), "relu": layer.relu}
        if layer.bias is not None:
            item["bias"] = files.save(layer.bias)
        if layer.weight_frac is not None:
            item["weight_frac"] = layer.weight_frac
        if layer.out_frac is not None:
            item["out_frac"] = layer.out_frac
        network["layers"].append(item)
    with open(os.path.join(files.folder, "network.yaml"), "w", encoding="utf-8") as text:
        json.dump(network, text)  # which is YAML
    return ["--network", "network.yaml"]


def _finish(words: List[str], folder: str, order: "Order") -> "tuple[List[str], int]":
    """Lines on standard error and the exit status. Ends the program when this process is to stop."""
    with open(os.path.join(folder, "errors"), "w+b") as errors:
        with subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors) as process:
            try:
                while True:
                    try:
                        status = process.wait(LOOK_EVERY)
                        break
                    except subprocess.TimeoutExpired:
                        if order.stop.is_set():
                            raise _eie.Error("the run was stopped") from None
            except BaseException:
                process.kill()
                raise
        errors.seek(0)
        return errors.read().decode("utf-8", "replace").splitlines(), status


def _error_of(line: str, status: int, program: str, head: str) -> Exception:
    message = line[len(head):] if line.startswith(head) else line
    if status == 2:
        return _eie.Error(message)
    if status == 1 and message == "out of memory":
        return MemoryError(message)
    if status == 1 and not message.startswith("internal error"):
        return _eie.DeviceError(message)
    return RuntimeError(f"{program} ended with status {status}" + (f": {message}" if message else ""))
