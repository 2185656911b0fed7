#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the fuzzers, corpus/TARGET/*, as other programs write such files.

Usage: make_corpus.py CONTAINER_SEEDS [FOLDER]. Needs Debian's python3-numpy, python3-scipy, python3-onnx and python3-torch, and the
program that writes containers (build/release/tests/container_seeds, after `cmake --build --preset release --target container_seeds`). The
seeds are in the tree; this says where they come from. safetensors has no package in Debian: its files are put together here.
"""
import io
import json
import os
import pickle
import shutil
import struct
import subprocess
import sys

import numpy as np
import onnx
import scipy.io
import scipy.sparse
import torch
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
OUT = sys.argv[2] if len(sys.argv) > 2 else os.path.join(HERE, "corpus")
rng = np.random.default_rng(17)
W = np.round(rng.normal(size=(6, 5)) * (rng.random((6, 5)) < 0.5), 3)


def put(target, name, data):
    folder = os.path.join(OUT, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data.encode() if isinstance(data, str) else data)


def written(write):
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def arrays():
    for kind in ("<f4", ">f8", "<f2", "|i1", "<i8", "<u4", "|b1", "<c8", "<U3"):
        put("npy", kind[1:] + ".npy", written(lambda f: np.save(f, np.asarray(W > 0 if kind == "|b1" else W.astype(kind)))))
    put("npy", "fortran.npy", written(lambda f: np.save(f, np.asfortranarray(W))))
    put("npy", "vector.npy", written(lambda f: np.save(f, W[0])))
    put("npy", "version2.npy", written(lambda f: np.lib.format.write_array(f, W, version=(2, 0))))
    put("npy", "null_in_type.npy", written(lambda f: np.save(f, np.ones(3))).replace(b"<f8", b"|\0x"))
    put("npy", "objects.npy", written(lambda f: np.save(f, np.array([None]), allow_pickle=True)))
    put("npz", "one.npz", written(lambda f: np.savez(f, W=W)))
    put("npz", "two.npz", written(lambda f: np.savez_compressed(f, W=W.astype("<f4"), b=W[0])))
    for form in ("csr", "csc", "coo", "bsr", "dia"):
        put("npz", form + ".npz", written(lambda f: scipy.sparse.save_npz(f, scipy.sparse.csr_matrix(W).asformat(form))))


def texts():
    sparse = scipy.sparse.coo_matrix(W)
    put("mtx", "real.mtx", written(lambda f: scipy.io.mmwrite(f, sparse)))
    put("mtx", "array.mtx", written(lambda f: scipy.io.mmwrite(f, W)))
    put("mtx", "pattern.mtx", written(lambda f: scipy.io.mmwrite(f, sparse, field="pattern")))
    put("mtx", "symmetric.mtx", written(lambda f: scipy.io.mmwrite(f, scipy.sparse.coo_matrix(W[:5] + W[:5].T))))
    put("mtx", "skew.mtx", "%%MatrixMarket matrix coordinate integer skew-symmetric\n% text\n\n3 3 2\n2 1 5\n3 1 -7\n")
    put("smtx", "one.smtx", "3, 4, 5\n0 2 2 5 \n0 3 0 1 2 \n")
    put("smtx", "none.smtx", "2, 4, 0\n0 0 0\n")
    put("csv", "commas.csv", written(lambda f: np.savetxt(f, W, delimiter=",", fmt="%g")))
    put("csv", "blanks.txt", written(lambda f: np.savetxt(f, W, header="a b")))
    put("csv", "heading.csv", "a;b\r\n1;2.5\r\n3;-4e-3\r\n")
    put("csv", "excel.csv", "\ufeffsep=;\n1;\"2\"\n")
    put("csv", "truth.tsv", "True\tFalse\nFalse\tTrue\n")


def safetensors(tensors, metadata=None):
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, dtype, array in tensors:
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def models():
    put("safetensors", "empty", b"")
    put("safetensors", "one.safetensors", safetensors([("fc1.weight", "F32", W.astype("<f4"))], {"format": "pt"}))
    put("safetensors", "two.safetensors", safetensors([("w", "F16", W.astype("<f2")), ("b", "F64", W[0]), ("n", "I64", np.array(3))]))
    put("safetensors", "brain.safetensors", safetensors([("w", "BF16", (W.astype("<f4").view("<u4") >> 16).astype("<u2"))]))

    torch.manual_seed(17)
    nn = torch.nn
    for name, model, shape in (
            ("torch_mlp", nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3), nn.Softmax(1)), (1, 5)),
            ("torch_norm", nn.Sequential(nn.Flatten(), nn.Linear(4, 3, bias=False), nn.BatchNorm1d(3), nn.ReLU(), nn.Dropout(),
                                         nn.Linear(3, 3), nn.ReLU(), nn.BatchNorm1d(3), nn.Linear(3, 2)), (2, 1, 2, 2)),
            ("torch_conv", nn.Sequential(nn.Conv2d(1, 1, 2), nn.Flatten(), nn.Linear(1, 1)), (1, 1, 2, 2))):
        buffer = io.BytesIO()
        torch.onnx.export(model.eval(), torch.zeros(shape), buffer, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}})
        put("onnx", name + ".onnx", buffer.getvalue())

    def chain(name, nodes, constants, opset=13, shape=("n", 5)):
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
        put("onnx", name + ".onnx", model.SerializeToString())

    def raw(name, array):
        return numpy_helper.from_array(np.ascontiguousarray(array), name)

    def typed(name, kind, array):
        return helper.make_tensor(name, kind, array.shape, array.ravel().tolist())

    make = helper.make_node
    chain("half", [make("MatMul", ["x", "w"], ["a"]), make("Add", ["a", "b"], ["c"]), make("Relu", ["c"], ["y"])],
          [raw("w", W.T.astype("f2")), raw("b", W[:, 0].astype("f2"))], 17)
    chain("typed", [make("Gemm", ["x", "w", "b"], ["y"], alpha=0.5, beta=2.0, transB=1)],
          [typed("w", TensorProto.DOUBLE, W), typed("b", TensorProto.FLOAT16, W[:, 0])])
    chain("folded", [make("Sub", ["x", "m"], ["a"]), make("Mul", ["a", "s"], ["b"]), make("Reshape", ["b", "to"], ["c"]),
                     make("Transpose", ["w"], ["wt"], perm=[1, 0]), make("Identity", ["wt"], ["v"]), make("MatMul", ["c", "v"], ["y"])],
          [raw("m", W[:1, :1].astype("f4")), raw("s", W[0].astype("f4")), raw("to", np.array([-1, 5])), raw("w", W.astype("f4"))])
    chain("constant", [make("Constant", [], ["w"], value=raw("", W.T.astype("f4"))), make("Constant", [], ["s"], value_float=2.0),
                       make("MatMul", ["x", "w"], ["a"]), make("Div", ["a", "s"], ["y"])], [])
    chain("opset6", [make("Gemm", ["x", "w", "b"], ["a"], transB=1, broadcast=1), make("Add", ["a", "b"], ["y"], broadcast=1, axis=1)],
          [raw("w", W.astype("f4")), raw("b", W[:, 0].astype("f4"))], 6)
    external = raw("w", W.astype("f4"))
    onnx.external_data_helper.set_external_data(external, "w.bin", 0, W.size * 4)
    external.ClearField("raw_data")
    chain("external", [make("Gemm", ["x", "w"], ["y"], transB=1)], [external])


def yaml():
    def copy(target, *path):
        with open(os.path.join(ROOT, "configs", *path) + ".yaml") as file:
            put(target, path[-1], file.read())

    copy("yaml_config", "eie4")
    copy("yaml_config", "eie64-plus")
    put("yaml_config", "short", "n_pe: 4\nqueue_depth: 0x8\necc: true\n")
    copy("yaml_network", "networks", "digits", "digits")
    put("yaml_network", "flow", "{inputs: x.npy, labels: y.npy, layers: [{name: a, weights: \"m.safetensors:a\", bias: b.npy, relu: yes, out_frac: -3}]}\n")
    put("yaml_network", "anchors", "inputs: x\nlayers:\n  - &a {name: a, weights: w, relu: true}\n  - {<<: *a, name: b, weights: w, relu: !!bool false}\n")
    copy("yaml_workload", "workloads", "paper")
    put("yaml_workload", "no_progress", "# a comma\n, 1]\n")


def contents():
    """Edits of a container's contents, as targets/container_content_fuzz.cpp reads them: base, then what, group, ..."""
    groups, attributes, links = (name.split() for name in (
        "/ /options /layer0 /layer0/image /layer0/codebook /layer1 /layer1/image",
        "name code_width layers rows columns relu weight_frac act_frac out_frac n_pe run_width registers used distinct max_error rms_error codes_sha256",
        "values bias local_rows column_entries entries image codebook layer0 options"))

    def at(what, group, name, *rest):
        return bytes([what, groups.index(group), (attributes if what % 10 < 5 else links).index(name), *rest])

    put("container_content", "as_it_is", b"\0")
    put("container_content", "wide", b"\1")
    put("container_content", "rows", b"\0" + at(0, "/layer0", "rows", 0, 76))
    put("container_content", "huge", b"\0" + at(0, "/layer0", "columns", 4 * 24 + 1, 1) + at(5, "/layer0/image", "column_entries", 0, 2, 3, 0, 5, 0, 4, 4 * 24 + 1, 1))
    put("container_content", "entries", b"\0" + at(6, "/layer0/image", "entries", 2, 2, 9, 0, 0x31, 2, 17, 0, 0x52))
    put("container_content", "wide_entries", b"\1" + at(6, "/layer0/image", "entries", 1, 2, 40, 0, 0x02))
    put("container_content", "codebook", b"\2" + at(6, "/layer0/codebook", "values", 1, 2, 15, 0, 0x40))
    put("container_content", "bias", b"\0" + at(5, "/layer0", "bias", 3, 1, 1, 75, 7, *np.float64(0.5).tobytes()))
    put("container_content", "no_error", b"\0" + at(1, "/layer0/codebook", "max_error", 3, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0))
    put("container_content", "name", b"\0" + at(2, "/layer1", "name", 3) + b"fc1")
    put("container_content", "lists", b"\0" + at(3, "/layer0/image", "n_pe", 0, 4, 2))
    put("container_content", "gone", b"\0" + at(4, "/layer0", "relu") + at(7, "/layer0", "image"))
    put("container_content", "ring", b"\0" + at(98, "/", "layer0", groups.index("/layer0"), links.index("image")))
    put("container_content", "option", b"\0" + bytes([9, 1, 2]) + b"de" + b"\4text")


def everything():
    """One seed of each target, and what is refused for what it is."""
    for target in ("npy", "npz", "mtx", "smtx", "csv", "safetensors", "onnx"):
        name = sorted(os.listdir(os.path.join(OUT, target)))[0]
        shutil.copy(os.path.join(OUT, target, name), os.path.join(OUT, "any", name))
    put("any", "lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n")
    put("any", "pickle", pickle.dumps([1]))
    put("any", "utf16", "1,2\n".encode("utf-16"))


shutil.rmtree(OUT, ignore_errors=True)
os.makedirs(os.path.join(OUT, "any"))
os.makedirs(os.path.join(OUT, "container"))
subprocess.run([sys.argv[1], os.path.join(OUT, "container"), os.path.join(ROOT, "configs", "eie4.yaml")], check=True)
arrays()
texts()
models()
yaml()
contents()
everything()
