# SPDX-License-Identifier: Apache-2.0
"""eie.Network."""
import os

import eie
import numpy as np
import pytest
from conftest import PROGRAM, SOURCE, shared_layer, without_time

sparse = pytest.importorskip("scipy.sparse")


def chain():
    W1, _ = shared_layer(30, 20, seed=1)
    W2, _ = shared_layer(5, 30, seed=2)
    X = np.random.default_rng(3).integers(0, 8, (7, 20)) / 8
    return W1, W2, X


def test_a_chain_is_computed():
    W1, W2, X = chain()
    network = eie.Network([eie.Layer(W1, bias=np.ones(30), relu=True, name="first"), sparse.csr_matrix(W2)])
    assert network.names == ["first", "layer2"]
    result = network.run(X, config="eie4")
    expected = np.maximum(X @ W1.T + 1, 0) @ W2.T
    assert result.outputs.shape == (7, 5)
    assert np.abs(result.outputs - expected).max() <= max(layer.float_error.max_abs for layer in result.report.layers)
    assert result.report.golden_match and [layer.name for layer in result.report.layers] == ["first", "layer2"]
    assert sum(layer.cycles for layer in result.report.layers) == result.report.cycles
    assert np.array_equal(network.run(X[2], config="eie4").raw, network.run(X[2:3], config="eie4").raw[0])


def test_predict_and_accuracy():
    W1, W2, X = chain()
    network = eie.Network([eie.Layer(W1, relu=True), W2])
    raw = network.run(X, config="eie4").raw
    labels = network.predict(X, config="eie4", jobs=2)
    assert labels.tolist() == raw.argmax(axis=1).tolist() and labels.dtype == np.int64
    assert network.predict(X[0], config="eie4") == labels[0]
    wrong = labels.copy()
    wrong[0] = (wrong[0] + 1) % 5
    report = network.run(X, wrong, config="eie4").report
    assert report.accuracy == 6 / 7
    assert 0 <= report.float_accuracy <= 1


@pytest.mark.filterwarnings("ignore::eie.ResultWarning")
def test_a_file_is_the_network_of_the_program(tmp_path, program):
    network = eie.Network("digits")
    X, labels = network.inputs, network.labels
    assert X.shape[0] == labels.shape[0] and X.shape[1] == 64
    assert eie.Network(os.path.join(SOURCE, "configs/networks/digits/digits.yaml")).names == network.names
    expected = program("network", "digits", "--engine", "tlm", "--samples", "20", "--raw-output", "raw.npy", "--config", "eie16")
    result = network.run(X[:20], labels[:20], config="eie16", jobs=2)
    seen = without_time(result.report.to_dict())
    assert seen == without_time(expected)
    assert np.array_equal(result.raw, np.load(tmp_path / "raw.npy"))


CORPUS = os.path.join(SOURCE, "tb/test/fuzz/corpus")


@pytest.mark.filterwarnings("ignore::eie.ResultWarning")
@pytest.mark.parametrize("file, config, reference", [
    ("container/two.eie", "eie4", "shared"), ("container/two.eie", "eie64", "shared"), ("container/one.eie", "eie4", "shared"),
    ("onnx/torch_mlp.onnx", "eie4", "weights"), ("onnx/torch_norm.onnx", "eie64", "weights"), ("onnx/half.onnx", "eie4", "weights")])
def test_containers_and_models_are_those_of_the_program(tmp_path, program, monkeypatch, file, config, reference):
    monkeypatch.setenv("EIE_PROGRAM", PROGRAM)
    path = os.path.join(CORPUS, file)
    network = eie.load(path)
    X = np.random.default_rng(4).integers(0, 8, (3, network._layers[0].weights.shape[1])) / 8
    np.save(tmp_path / "X.npy", X)
    for engine in ("tlm", "hw"):
        expected = program("network", path, "--inputs", "X.npy", "--engine", engine, "--config", config, "--raw-output", "raw.npy")
        result = network.run(X, config=config, engine=engine)
        assert without_time(result.report.to_dict()) == without_time(expected)
        assert np.array_equal(result.raw, np.load(tmp_path / "raw.npy"))
        assert {layer.float_error.reference for layer in result.report.layers} == {reference}
    with pytest.raises(eie.Error, match="names no inputs"):
        network.inputs


@pytest.mark.filterwarnings("ignore::eie.ResultWarning")
@pytest.mark.parametrize("member, words, keys", [
    ("two.eie:fc1", [], {}), ("two.eie:fc2/out:1", [], {"act_frac": 9}), ("one.eie", [], {}),
    ("two.eie:fc1", ["--weight-frac", "9", "--out-frac", "6", "--bias", "bias.npy", "--relu"],
     {"weight_frac": 9, "out_frac": 6, "bias": np.linspace(-1, 1, 75), "relu": True})])
def test_a_layer_of_a_container_by_name(tmp_path, program, monkeypatch, member, words, keys):
    """Bias, ReLU and fraction bits are the container's where they are not given."""
    monkeypatch.setenv("EIE_PROGRAM", PROGRAM)
    name = os.path.join(CORPUS, "container", member)
    a = np.arange(eie.Network([name])._layers[0].weights.shape[1]) / 8
    np.save(tmp_path / "a.npy", a)
    np.save(tmp_path / "bias.npy", np.linspace(-1, 1, 75))
    if "act_frac" in keys:
        words = [*words, "--act-frac", str(keys["act_frac"])]
    for engine in ("tlm", "hw"):
        expected = program("run", "--weights", name, "--activations", "a.npy", "--engine", engine, "--config", "eie4",
                           "--raw-output", "raw.npy", *words)
        result = eie.run(name, a, config="eie4", engine=engine, **keys)
        assert without_time(result.report.to_dict()) == without_time(expected)
        assert np.array_equal(result.raw, np.load(tmp_path / "raw.npy").reshape(-1))
        assert result.report.float_error.reference == "shared"
    swept = eie.sweep(["eie4"], name, a, **keys)[0]
    assert without_time(swept.report.to_dict()) == without_time(eie.run(name, a, config="eie4", **keys).report.to_dict())


def test_an_array_that_is_named_like_a_container_stays_an_array():
    W = np.eye(40)
    layer = eie.Layer(W, name=os.path.join(CORPUS, "container/two.eie") + ":fc1")
    result = eie.Network([layer]).run(np.arange(40) / 8, config="eie4")
    assert np.array_equal(result.outputs, np.arange(40) / 8)
    assert result.report.layers[0].float_error.reference == "weights"


def test_what_a_model_leaves_out_is_told():
    network = eie.Network(os.path.join(CORPUS, "onnx/torch_mlp.onnx"))
    with pytest.warns(eie.ResultWarning, match="Softmax.* is left out"):
        network.run(np.ones(5), config="eie4")


def test_a_damaged_container_is_refused(tmp_path):
    with open(os.path.join(CORPUS, "container/one.eie"), "rb") as file:
        content = bytearray(file.read())
    content[-1] ^= 1
    (tmp_path / "bad.eie").write_bytes(content)
    with pytest.raises(eie.Error, match="bad.eie"):
        eie.load(tmp_path / "bad.eie")



@pytest.mark.parametrize("made, message", [
    (lambda: eie.Network([]), "layers is empty"),
    (lambda: eie.Network([eie.Layer(np.eye(2), name="x"), eie.Layer(np.eye(2), name="x")]), "expected a name that no other layer has"),
    (lambda: eie.Network("dogits"), "nearest: digits"),
    (lambda: eie.Network([np.eye(2)]).inputs, "expected a file"),
    (lambda: eie.Network([np.eye(2)]).labels, "names no labels"),
    (lambda: eie.Network([np.eye(2), np.eye(3)]).run([1, 1], config="eie4"), "layer2.W: has shape (3, 3): expected 2 columns"),
    (lambda: eie.Network([eie.Layer(np.eye(2), bias=[1, 2, 3])]).run([1, 1], config="eie4"), "layer1.bias: has shape (3,)"),
    (lambda: eie.Network([np.eye(2)]).run([[1, np.nan]], config="eie4"), "X: element [0, 1] is NaN"),
    (lambda: eie.Network([np.eye(2)]).run(np.eye(2), [0], config="eie4"), "labels: has 1: expected one for each"),
    (lambda: eie.Network([np.eye(2)]).run(np.eye(2), [0, 2], config="eie4"), "labels: element [1] is 2"),
    (lambda: eie.Network([np.eye(2)]).run(np.eye(2), [0.0, 1.0], config="eie4"), "labels: has shape (2,) of float64"),
    (lambda: eie.Network([eie.Layer(np.eye(2), out_frac=99)]), "layer1.out_frac is 99"),
])
def test_what_is_refused(made, message):
    with pytest.raises(eie.Error) as caught:
        made()
    assert message in str(caught.value)
