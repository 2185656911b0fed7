# SPDX-License-Identifier: Apache-2.0
"""Models that ONNX's own tests use (Debian's libonnx-testdata), read by formats_tool: what is a chain of layers gives the output
that comes with the model, all others are refused in one line that names a node or what is missing.

Usage: onnx_files.py TOOL. Needs Debian's python3-onnx and libonnx-testdata; ends with 77 without them.
"""
import glob
import os
import subprocess
import sys
import tempfile

import numpy as np

DATA = "/usr/share/libonnx-testdata/data"
try:
    import onnx
    from onnx import helper, numpy_helper
except ImportError:
    print("skipped: python3-onnx is not installed")
    sys.exit(77)
if not os.path.isdir(DATA):
    print("skipped: libonnx-testdata is not installed")
    sys.exit(77)
TOOL = os.path.abspath(sys.argv[1])


def read_all(paths):
    """For each path: the list of its layers (weights, bias, relu), or the message."""
    done = subprocess.run([TOOL, "networks", "."], input="".join(path + "\n" for path in paths), capture_output=True, text=True)
    assert done.returncode == 0, (done.returncode, done.stdout.splitlines()[-1:], done.stderr)
    results = []
    for number, block in enumerate(done.stdout.split("\n\n")[:-1]):
        lines = block.split("\n")
        assert lines[0] == paths[number], (lines[0], paths[number])
        if lines[1] != "read":
            assert lines[1].startswith("refused ") and len(lines) == 2, block
            results.append(lines[1][len("refused "):])
            continue
        layers = []
        for k, line in enumerate(lines[2:]):
            stem = f"{number}.{k}"
            bias = np.load(stem + ".b.npy") if os.path.exists(stem + ".b.npy") else 0
            layers.append((np.load(stem + ".w.npy"), bias, line.endswith(" relu")))
        results.append(layers)
    assert len(results) == len(paths)
    return results


def product(layers, x):
    for weights, bias, relu in layers:
        x = x @ weights.T + bias
        x = np.maximum(x, 0) if relu else x
    return x


def array(path):
    tensor = onnx.TensorProto()
    with open(path, "rb") as file:
        tensor.ParseFromString(file.read())
    return numpy_helper.to_array(tensor)


def whole_models():
    paths = sorted(glob.glob(DATA + "/**/model.onnx", recursive=True))
    assert len(paths) > 1000, len(paths)
    read = {}
    for path, result in zip(paths, read_all(paths)):
        name = os.path.basename(os.path.dirname(path))
        if isinstance(result, str):
            assert result.startswith(path + ":") and ": expected " in result, result
        else:
            read[name] = True
            data = os.path.dirname(path) + "/test_data_set_0/"
            x = array(data + "input_0.pb")
            np.testing.assert_allclose(product(result, x.reshape(len(x), -1)), array(data + "output_0.pb"), rtol=1e-5, atol=1e-5)
    assert {"test_Linear", "test_Linear_no_bias"} <= set(read), read
    return len(paths), len(read)


def single_nodes():
    """Models of one node whose constants are inputs: these become constants, and where there is no product a product with 1 stands
    before or behind the node."""
    cases = []
    for folder in sorted(glob.glob(DATA + "/node/*/")):
        name = os.path.basename(folder[:-1])
        model = onnx.load(folder + "model.onnx")
        graph = model.graph
        if len(graph.node) != 1 or graph.node[0].op_type not in ("Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "Relu", "Flatten", "Reshape", "Identity",
                                                                 "Dropout", "BatchNormalization"):
            continue
        data = folder + "test_data_set_0/"
        if not os.path.exists(data + "input_0.pb") or not graph.input[0].type.HasField("tensor_type"):
            continue
        node = graph.node[0]
        x, y = array(data + "input_0.pb"), array(data + "output_0.pb")
        for k, value in enumerate(list(graph.input)[1:], 1):
            graph.initializer.append(numpy_helper.from_array(array(data + f"input_{k}.pb"), value.name))
        del graph.input[1:]
        del graph.output[1:]
        if node.op_type == "Relu":
            inner = int(np.prod(x.shape[1:]))
            graph.initializer.append(numpy_helper.from_array(np.eye(inner, dtype=x.dtype), "one"))
            graph.node.insert(0, helper.make_node("Flatten", [graph.input[0].name], ["flat"]))
            graph.node.insert(1, helper.make_node("MatMul", ["flat", "one"], ["before"]))
            graph.node[2].input[0] = "before"
        elif node.op_type not in ("Gemm", "MatMul"):
            inner = int(np.prod(y.shape[1:]))
            graph.initializer.append(numpy_helper.from_array(np.eye(inner, dtype=np.float32), "one"))
            graph.node.append(helper.make_node("Flatten", [node.output[0]], ["flat"]))
            graph.node.append(helper.make_node("MatMul", ["flat", "one"], ["all"]))
            graph.output[0].name = "all"
        path = os.path.abspath(name + ".onnx")
        onnx.save(model, path)
        cases.append((path, x, y))
    read, refused = set(), {}
    for (path, x, y), result in zip(cases, read_all([case[0] for case in cases])):
        name = os.path.basename(path)[:-len(".onnx")]
        if isinstance(result, str):
            assert result.startswith(path + ":") and ": expected " in result, result
            refused[name] = result[len(path) + 2:]
            continue
        seen = product(result, x.reshape(len(x), -1).astype(np.float64))
        np.testing.assert_allclose(seen, y.reshape(len(y), -1), rtol=1e-5, atol=1e-5, err_msg=name)
        read.add(name)
    # Those that are chains of one layer and no more.
    for name in ("test_gemm_alpha", "test_gemm_beta", "test_gemm_default_no_bias",
                 "test_gemm_default_scalar_bias", "test_gemm_default_single_elem_vector_bias", "test_gemm_default_vector_bias",
                 "test_gemm_default_zero_bias", "test_gemm_transposeB", "test_matmul_2d", "test_relu", "test_identity", "test_flatten_axis1",
                 "test_flatten_default_axis", "test_flatten_negative_axis3", "test_batchnorm_example", "test_batchnorm_epsilon",
                 "test_dropout_default", "test_add_bcast", "test_sub_bcast", "test_mul_bcast", "test_div_bcast"):
        assert name in read, (name, refused.get(name))
    for name, part in (("test_gemm_transposeA", "node 0 (Gemm) transposes the data"), ("test_flatten_axis0", "node 0 (Flatten) flattens shape"),
                       ("test_matmul_3d", "node 0 (MatMul)"), ("test_batchnorm_example_training_mode", "is one for training"),
                       ("test_training_dropout", "node 0 (Dropout) is one for training"), ("test_add", "node 0 (Add) meets data of shape")):
        assert part in refused[name], (name, refused[name])
    return len(read), len(refused)


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    print("%d models, %d of them chains of layers" % whole_models())
    for old in glob.glob("*.npy"):
        os.remove(old)
    print("%d nodes equal, %d refused" % single_nodes())
    os.chdir("/")
