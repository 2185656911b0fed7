# SPDX-License-Identifier: Apache-2.0
"""eie.run(): outputs, operands of every kind, the report, messages."""
import gc
import os
import warnings

import eie
import numpy as np
import pytest
from conftest import layer, shared_layer, without_time
from eie import _eie
from eie._operands import Operand

sparse = pytest.importorskip("scipy.sparse")
QUIET = pytest.mark.filterwarnings("ignore::eie.ResultWarning")


def test_outputs_are_the_product():
    W, a = shared_layer()
    bias = np.arange(60) / 8 - 3
    result = eie.run(W, a, bias=bias, relu=True, config="eie4")
    expected = np.maximum(W @ a + bias, 0)
    assert result.outputs.shape == (60,) and result.outputs.dtype == np.float64
    assert np.array_equal(result.outputs, expected)  # nothing is lost
    assert result.raw.dtype == np.int32
    assert np.array_equal(np.ldexp(result.raw, -result.report.formats.out_frac), expected)
    assert result.report.golden_match is True and result.report.float_error.max_abs == 0
    assert result.config.name == "eie4"


def test_samples_are_rows():
    W, _ = shared_layer()
    samples = np.random.default_rng(2).integers(0, 8, (5, 40)) / 8
    result = eie.run(W, samples, config="eie4")
    assert np.array_equal(result.outputs, samples @ W.T)
    assert result.report.samples.count == 5
    assert sum(result.report.samples.cycles) == result.report.cycles
    one = eie.run(W, samples[:1], config="eie4")
    assert one.outputs.shape == one.raw.shape == (1, 60)
    side_by_side = eie.run(W, samples, config="eie4", jobs=3)
    assert np.array_equal(side_by_side.raw, result.raw)
    assert without_time(side_by_side.report.to_dict()) == without_time(result.report.to_dict())


@QUIET
def test_the_report_is_that_of_the_program(tmp_path, program):
    W, a = layer()
    bias = np.linspace(-1, 1, 60)
    for name, array in (("W", W), ("a", a), ("b", bias)):
        np.save(tmp_path / f"{name}.npy", array)
    expected = program("run", "W.npy", "a.npy", "--bias", "b.npy", "--relu", "--config", "eie64", "--set", "queue_depth=3",
                       "--engine", "tlm", "--out-frac", "7", "--raw-output", "raw.npy")
    result = eie.run(W, a, bias=bias, relu=True, queue_depth=3, out_frac=7)
    assert without_time(result.report.to_dict()) == without_time(expected)
    assert np.array_equal(result.raw, np.load(tmp_path / "raw.npy"))
    assert [(i["role"], i["path"], i["shape"], i["dtype"]) for i in result.report.to_dict()["inputs"]] == [
        ("weights", "W", [60, 40], "float32"), ("bias", "bias", [60], "float64"), ("activations", "a", [40], "float64")]
    assert result.report.options.relu is True
    files = eie.run(tmp_path / "W.npy", str(tmp_path / "a.npy"), bias=tmp_path / "b.npy", relu=True, queue_depth=3, out_frac=7)
    assert without_time(files.report.to_dict()) == without_time(expected)


@QUIET
def test_balanced_rows(tmp_path, program):
    """The same outputs in fewer cycles, and the report of the program."""
    W, a = shared_layer(400, 300)
    W[::4] *= 0  # one PE in four has nothing to do
    samples = np.vstack([a, np.roll(a, 7)])
    plain = eie.run(W, samples, config="eie4")
    np.save(tmp_path / "W.npy", W)
    np.save(tmp_path / "a.npy", samples)
    for kind, arguments, words in (("rows", {}, []), ("windows", {"balance_window": 50}, ["--balance-window", "50"]),
                                   ("windows", {"calibration": samples}, ["--calibration", "a.npy"])):
        dealt = eie.run(W, samples, config="eie4", balance=kind, **arguments)
        assert np.array_equal(dealt.outputs, plain.outputs)
        assert dealt.report.golden_match and dealt.report.cycles < plain.report.cycles
        expected = program("run", "W.npy", "a.npy", "--config", "eie4", "--engine", "tlm", "--balance", kind, *words)
        assert without_time(dealt.report.to_dict()) == without_time(expected)


def layouts(array):
    wide = np.zeros((array.shape[0] * 2, array.shape[1] * 3), array.dtype)
    wide[::2, ::3] = array
    yield "C", np.ascontiguousarray(array)
    yield "Fortran", np.asfortranarray(array)
    yield "transposed", np.ascontiguousarray(array.T).T
    yield "strided", wide[::2, ::3]
    yield "backwards", np.ascontiguousarray(array[::-1, ::-1])[::-1, ::-1]
    yield "big endian", array.astype(array.dtype.newbyteorder(">"))
    yield "read only", read_only(array)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy would rather not have it
        yield "matrix", np.matrix(array)


def read_only(array):
    copy = array.copy()
    copy.setflags(write=False)
    return copy


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.int32, np.int64, np.uint8, bool])
def test_every_layout_and_type_gives_the_same(dtype):
    random = np.random.default_rng(3)
    W = (random.integers(0, 4, (20, 12)) * (random.random((20, 12)) < 0.4)).astype(dtype)
    a = random.integers(0, 8, 12) / 8
    for name, array in layouts(W):
        seen = eie.run(array, a, config="eie4").outputs
        assert np.array_equal(seen, W.astype(float) @ a), name


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "lil", "dok", "dia"])
def test_sparse_matrices(kind):
    W, a = shared_layer()
    expected = eie.run(W, a, config="eie4")
    for made in (sparse.csr_matrix(W).asformat(kind), sparse.csr_array(W).asformat(kind)):
        seen = eie.run(made, a, config="eie4")
        assert np.array_equal(seen.raw, expected.raw)
        assert seen.report.cycles == expected.report.cycles
    assert np.array_equal(eie.run(W, sparse.csr_matrix(a[np.newaxis]).asformat(kind), config="eie4").raw[0], expected.raw)


def test_sparse_corners():
    a = np.ones(3)
    twice = sparse.coo_matrix(([1.0, 0.5, 2.0], ([0, 0, 1], [1, 1, 2])), shape=(2, 3))
    assert eie.run(twice, a, config="eie4").outputs.tolist() == [1.5, 2.0]
    unsorted = sparse.csr_matrix((np.array([2.0, 1.0]), np.array([2, 0]), np.array([0, 2, 2])), shape=(2, 3))
    assert eie.run(unsorted, a, config="eie4").outputs.tolist() == [3.0, 0.0]
    assert eie.run(sparse.csr_matrix((2, 3)), a, config="eie4").outputs.tolist() == [0, 0]
    wide = twice.tocsr()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    assert eie.run(wide, a, config="eie4").outputs.tolist() == [1.5, 2.0]
    broken = sparse.coo_matrix(([1.0], ([0], [1])), shape=(2, 3))
    broken.row[0] = 7
    with pytest.raises(eie.Error, match="W: its element 0 is in row 7: expected rows from 0 to 1"):
        eie.run(broken, a, config="eie4")


def test_arrays_are_viewed_and_kept():
    for array in (np.zeros((50, 40)), np.zeros((50, 40), np.float16, order="F"), np.zeros((100, 40), np.float32)[::2]):
        matrix = Operand("W", array).matrix
        array[3, 4] = 5  # seen through the matrix: no copy
        assert matrix.values()[3, 4] == 5
    gc.collect()
    array = np.full((300, 300), 2.0)
    matrix = Operand("W", array).matrix
    del array
    np.full((300, 300), 3.0)
    assert (matrix.values() == 2).all()


def test_no_copy_of_a_large_array():
    def resident():
        with open("/proc/self/statm", encoding="ascii") as text:
            return int(text.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    array = np.zeros((4000, 4000))  # 128 MB that nobody has touched
    array[5, 5] = 1
    before = resident()
    operands = [Operand("W", array), Operand("W", array.T), Operand("W", array[:, ::2])]
    assert resident() - before < 16e6
    assert (operands[0].matrix.values()[5, 5], operands[1].matrix.shape) == (1, (4000, 4000))


def test_sequences():
    assert eie.run([[1, 2], [3, 4]], (1, 1), config="eie4").outputs.tolist() == [3, 7]


BAD = [
    (dict(W=np.ones((3, 4)), a=np.ones(5)), r"W: has shape \(3, 4\): expected 5 columns, one for each input activation"),
    (dict(W=np.ones((5, 4)), a=np.ones(5)), r"its transpose would fit \(numpy: W\.T\)"),
    (dict(W=np.ones(4), a=np.ones(4)), r"W: has shape \(4,\): expected a matrix, rows x columns"),
    (dict(W=np.ones((2, 2, 2)), a=np.ones(2)), r"W: has shape \(2, 2, 2\): expected one or two dimensions"),
    (dict(W=np.float64(1), a=np.ones(1)), r"W: has shape \(\): expected one or two dimensions"),
    (dict(W=np.ones((0, 4)), a=np.ones(4)), r"W: has no elements: shape \(0, 4\)"),
    (dict(W=[[1, np.nan]], a=[1, 1]), r"W: element \[0, 1\] is NaN: expected finite numbers"),
    (dict(W=[[1, 1]], a=[1, -np.inf]), r"a: element \[1\] is infinite"),
    (dict(W=[[1, 1]], a=[1, 1], bias=[np.nan]), r"bias: element \[0\] is NaN"),
    (dict(W=[[1, 1]], a=[1, 1], bias=[1, 2]), r"bias: has shape \(2,\): expected \(1,\)"),
    (dict(W=[[1e200, 1]], a=[1, 1]), r"W: element \[0, 0\] is 1e\+200: expected a magnitude up to 1e150"),
    (dict(W=np.ones((2, 2), complex), a=[1, 1]), r"W: holds type '<c16', complex128: expected .* \(numpy: a\.real\)"),
    (dict(W=np.ones((2, 2), np.longdouble), a=[1, 1]), r"W: holds type '<f16', float128"),
    (dict(W=np.array([["a", "b"]]), a=[1, 1]), r"W: holds type '<U1', text"),
    (dict(W=np.array([[None, 1]]), a=[1, 1]), r"W: holds Python objects"),
    (dict(W=np.zeros((1, 2), [("x", "f4"), ("y", "f4")]), a=[1, 1]), r"W: holds type '\|V8', raw data"),
    (dict(W=np.array([["2020-01-01"]], "M8[D]"), a=[1]), r"W: holds type '<M8\[D\]', datetime64"),
    (dict(W=np.ma.masked_array([[1, 2]], [[True, False]]), a=[1, 1]), r"W: is a masked array: expected one without"),
    (dict(W=sparse.csr_matrix((2, 2), dtype=complex), a=[1, 1]), r"W: holds type '<c16'"),
    (dict(W="nowhere.npy", a=[1, 1]), r"nowhere\.npy: does not exist"),
    (dict(W=[[1, 1]], a=[1, 1], config="eie65"), r"config eie65: cannot be opened: .*nearest: eie64"),
    (dict(W=[[1, 1]], a=[1, 1], queue_deph=3), r"unknown key 'queue_deph': .*nearest: queue_depth"),
    (dict(W=[[1, 1]], a=[1, 1], n_pe=3), r"--set n_pe=3: key 'n_pe' is 3: expected .*a power of two from 1 to 1024"),
    (dict(W=[[1, 1]], a=[1, 1], engine="fpga"), r"engine is 'fpga': expected 'hw', 'tlm' or 'rtl'"),
    (dict(W=[[1, 1]], a=[1, 1], jobs=0), r"jobs is 0: expected an integer from 1 to 256"),
    (dict(W=[[1, 1]], a=[1, 1], engine="hw", jobs=2), r"jobs is 2 with engine 'hw'"),
    (dict(W=[[1, 1]], a=[1, 1], act_frac=65), r"act_frac is 65: expected an integer from -64 to 64"),
    (dict(W=[[1, 1]], a=[1, 1], out_frac=0.5), r"out_frac is 0\.5: expected an integer"),
    (dict(W=[[1, 1]], a=[1, 1], balance="even"), r"balance is 'even': expected 'none', 'rows' or 'windows'"),
    (dict(W=[[1, 1]], a=[1, 1], balance_window=3), r"balance_window is given without balance"),
    (dict(W=[[1, 1]], a=[1, 1], balance="rows", balance_window=0), r"balance_window is 0"),
    (dict(W=[[1, 1]], a=[1, 1], calibration=[1, 1]), r"calibration is given without balance"),
    (dict(W=[[1, 1]], a=[1, 1], balance="rows", calibration=[1, 1, 1]), r"calibration: has 3 values a sample: expected 2"),
    (dict(W=[[1, 1]], a=[1, 1], balance="rows", calibration=[0, 0]), r"calibration: holds nothing but zeros"),
    (dict(W=[[1, 1]], a=[1, 1], balance="rows", calibration=[1, 1e200]), r"calibration: has numbers over 1e150"),
    (dict(W=[[1, 1]], a=[1, 1], technology="paper46"), r"technology paper46: cannot be opened: .*nearest: paper45"),
    (dict(W=[[1, 1]], a=[1, 1], weight_frac=0, act_frac=0, out_frac=20), r"shift"),
]


@pytest.mark.parametrize("arguments, message", BAD)
def test_errors_have_the_words_of_the_program(arguments, message):
    with pytest.raises(eie.Error, match=message) as caught:
        eie.run(**{"config": "eie4", **arguments})
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_exceptions():
    assert issubclass(eie.DeviceError, RuntimeError) and not issubclass(eie.DeviceError, eie.Error)
    assert eie.Error.__module__ == eie.DeviceError.__module__ == "eie"


def test_what_misleads_warns():
    with pytest.warns(eie.ResultWarning, match="non-zero activations became 0") as seen:
        eie.run(np.eye(4), [1, 1e-9, 1, 1], config="eie4")
    assert {os.path.basename(w.filename) for w in seen} == {"test_run.py"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        eie.run(np.eye(4), [1, 1, 1, 1], config="eie4")


def test_a_saturated_run_says_so_and_where():
    with pytest.warns(eie.ResultWarning, match="clamped"):
        result = eie.run(np.full((4, 40), 0.875), np.ones(40), config="eie4", out_frac=12)
    assert result.report.saturated is True and result.report.golden_match is True
    assert result.report.saturated_at.row == 0


def test_the_stub_names_what_the_module_has():
    import ast

    with open(os.path.join(os.path.dirname(_eie.__file__), "_eie.pyi"), encoding="utf-8") as text:
        tree = ast.parse(text.read())
    stub = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            stub[node.name] = {n.name for n in node.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("__")}
        elif isinstance(node, (ast.FunctionDef, ast.AnnAssign)):
            stub[node.name if isinstance(node, ast.FunctionDef) else node.target.id] = set()
    public = {name for name in dir(_eie) if not name.startswith("_")}
    assert public == set(stub)
    for name, members in stub.items():
        value = getattr(_eie, name)
        if isinstance(value, type) and name != "HwConfig" and not issubclass(value, Exception):
            assert {m for m in dir(value) if not m.startswith("_")} == members, name
