# SPDX-License-Identifier: Apache-2.0
"""Networks that PyTorch exports (Debian's python3-torch), run by `eie network`: the float network of the program is PyTorch's, and
the device's outputs differ from it by what the report says and by no more than 4-bit weights must.

Usage: onnx_torch.py EIE CONFIG. Ends with 77 without python3-torch and python3-onnx, whose exporter needs it.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

try:
    import onnx
    import torch
    from torch import nn
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed")
    sys.exit(77)
EIE, CONFIG = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SAMPLES = 8


def few_values(model):
    """At most 15 distinct weights in each matrix, so that sharing them loses nothing; statistics as after training."""
    for module in model:
        if isinstance(module, nn.Linear):
            module.weight.data = torch.randint(-7, 8, module.weight.shape) / 16.0
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_()
    return model.eval()


def run(name, model, shape, shared, **export):
    x = torch.randn(SAMPLES, *shape)
    body = model[:-1] if isinstance(model[-1], nn.Softmax) else model
    with torch.no_grad():
        y = body.double()(x.double()).numpy()
    model.float()
    torch.onnx.export(model, x[:1], name, input_names=["x"], dynamic_axes={"x": {0: "n"}}, **export)
    np.save("x.npy", x.numpy().reshape(SAMPLES, -1))
    np.save("labels.npy", y.argmax(1))
    done = subprocess.run([EIE, "network", name, "--inputs", "x.npy", "--labels", "labels.npy", "--config", CONFIG, "--engine", "tlm",
                           "--output", "y.npy", "--json", "r.json"], capture_output=True, text=True)
    assert done.returncode == 0, (name, done.stderr)
    assert ("is left out" in done.stderr) == isinstance(model[-1], nn.Softmax), done.stderr
    with open("r.json") as file:
        report = json.load(file)
    seen = np.abs(np.load("y.npy") - y).max()
    said = report["layers"][-1]["float_error"]["max_abs"]
    assert abs(seen - said) < 1e-5 * (1 + np.abs(y).max()), (name, seen, said)  # the program's float network is PyTorch's
    assert report["float_accuracy"] == 1, (name, report["float_accuracy"])
    if shared:  # only fixed point is left
        assert seen < 0.01 * np.abs(y).max(), (name, seen, np.abs(y).max())
    files = [file["path"] for file in report["inputs"] if file["role"] == "weights"]
    print(f"{name}: {len(report['layers'])} layers, largest output {np.abs(y).max():.3f}, off by {seen:.5f}")
    return files


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    torch.manual_seed(17)
    run("mlp.onnx", few_values(nn.Sequential(nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 5), nn.Softmax(1))), (12,), True)
    norm = nn.Sequential(nn.Flatten(), nn.Linear(16, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(), nn.Linear(12, 8, bias=False), nn.ReLU(),
                         nn.BatchNorm1d(8), nn.Linear(8, 4), nn.Identity())
    for opset in range(7, 18):  # what this PyTorch writes
        if opset in (8, 10, 12, 15):
            continue
        run(f"norm{opset}.onnx", few_values(norm), (1, 4, 4), False, opset_version=opset)
    run("plain.onnx", few_values(norm), (1, 4, 4), False, do_constant_folding=False)
    # The same with its weights beside it, and halves.
    onnx.save(onnx.load("mlp.onnx"), "beside.onnx", save_as_external_data=True, location="mlp.bin", size_threshold=0)
    words = ["--inputs", "x12.npy", "--config", CONFIG, "--engine", "tlm", "--json", "r.json"]
    np.save("x12.npy", np.random.default_rng(1).normal(size=(4, 12)))
    outputs = []
    for model in ("mlp.onnx", "beside.onnx"):
        done = subprocess.run([EIE, "network", model, *words, "--raw-output", "raw.npy"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        outputs.append(np.load("raw.npy"))
        with open("r.json") as file:
            beside = [file["path"] for file in json.load(file)["inputs"]]
    assert np.array_equal(*outputs)
    assert "mlp.bin" in beside, beside
    done = subprocess.run([EIE, "network", "beside.onnx", *words, "--output", "mlp.bin"], capture_output=True, text=True)
    assert done.returncode == 2 and "is the file of weights too" in done.stderr, done.stderr
    os.chdir("/")
