# SPDX-License-Identifier: Apache-2.0
"""Files of all formats, written by NumPy and SciPy: read back equal by formats_tool, wrong ones refused in one line.

Usage: formats_numpy.py TOOL. Prints the number of files and of refusals.
"""
import os
import pickle
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import scipy.io
import scipy.sparse

TOOL = os.path.abspath(sys.argv[1])
rng = np.random.default_rng(1)
read = refused = 0


def run(what, name):
    out = "out.npy"
    if os.path.exists(out):
        os.remove(out)
    done = subprocess.run([TOOL, what, name, out], capture_output=True, text=True)
    return done, (np.load(out) if done.returncode == 0 else None)


def same(name, expected, what="matrix", notes=""):
    global read
    expected = np.asarray(expected)
    done, got = run(what, name)
    assert done.returncode == 0, (name, done.stderr)
    want = expected if what == "integers" else expected.astype(np.float64)
    assert got.shape == want.shape, (name, got.shape, want.shape)
    assert np.array_equal(got, want), (name, got, want)
    assert notes in done.stdout, (name, done.stdout)
    assert ("note:" in done.stdout) == bool(notes), (name, done.stdout)
    read += 1


def refuse(name, *parts, what="matrix"):
    global refused
    done, _ = run(what, name)
    assert done.returncode == 2, (name, done.returncode, done.stdout, done.stderr)
    assert done.stderr.count("\n") == 1 and done.stderr.endswith("\n"), (name, done.stderr)
    for part in (*parts, "expected", name.split(":")[0]):
        assert part in done.stderr, (name, part, done.stderr)
    assert not os.path.exists("out.npy")
    refused += 1


def numbers(dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "f":
        a = rng.normal(size=shape)
        a[rng.random(shape) < 0.4] = 0
        return a.astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)


TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]
SHAPES = [(7, 5), (1, 9), (9, 1), (12,)]


def npy_files():
    for code in TYPES:
        for order in "<>" if np.dtype(code).itemsize > 1 else "|":
            for shape in SHAPES:
                a = numbers(order + code, shape)
                np.save("x.npy", a)
                same("x.npy", a)
                if len(shape) == 2:
                    np.save("x.npy", np.asfortranarray(a))
                    same("x.npy", a)
    for version in [(1, 0), (2, 0), (3, 0)]:
        a = numbers("<f4", (70, 3))
        with open("x.npy", "wb") as f:
            np.lib.format.write_array(f, a, version=version)
        same("x.npy", a)
    half = np.array([0.0, -0.0, 1.0, -2.5, 65504, 6e-8, 5.96e-8, 6.1e-5, -1 / 3], dtype=np.float16)
    np.save("x.npy", half)
    same("x.npy", half)
    np.save("strange name: é.npy", a)
    same("strange name: é.npy", a)
    a = numbers("<i8", 11)
    np.save("x.npy", a)
    same("x.npy", a, "integers")
    same("x.npy", a.astype(np.float64), "vector")
    np.save("x.npy", a.reshape(-1, 1))
    same("x.npy", a, "integers")
    np.save("x.npy", a.reshape(1, -1).astype(">i8"))
    same("x.npy", a, "integers")


def npz_files():
    w, b, a = numbers("<f4", (6, 4)), numbers("<f8", 6), numbers("<f2", (2, 3, 4))
    for save in (np.savez, np.savez_compressed):
        save("x.npz", W=w, b=b, other=a)
        same("x.npz:W", w)
        same("x.npz", w)  # the only matrix
        same("x.npz:b", b)
        same("x.npz", b, "vector")
        save("x.npz", w)
        same("x.npz", w)
        same("x.npz:arr_0", w)
        save("x.npz", F=np.asfortranarray(w), t=np.array("text"))
        same("x.npz", w)
        save("x.npz", W1=w, W2=w)
        same("x.npz:W2", w)
        refuse("x.npz", "holds 2 arrays (W1 (6, 4), W2 (6, 4)) of which 2 may be meant", "x.npz:NAME")
        refuse("x.npz", "of which none may be meant", what="vector")
        refuse("x.npz:W3", "has no member 'W3': expected one of W1, W2")
        save("x.npz", three=a)
        refuse("x.npz", "(2, 3, 4)")
    with zipfile.ZipFile("x.npz", "w", allowZip64=True) as z:
        with z.open("deep/W.npy", "w", force_zip64=True) as f:
            np.lib.format.write_array(f, w)
    same("x.npz:deep/W", w)
    for name in ["csr", "csc", "coo", "bsr", "dia"]:
        for code in ["f4", "f8", "i4", "u1"]:
            dense = numbers(code, (6, 8)) * (rng.random((6, 8)) < 0.3)
            m = scipy.sparse.csr_matrix(dense.astype(code)).asformat(name)
            scipy.sparse.save_npz("s.npz", m, compressed=code != "f4")
            same("s.npz", m.toarray())
            same("s.npz:data", m.data if name != "bsr" else m.data.reshape(-1)) if name in ("csr", "coo") else None
    m = scipy.sparse.bsr_matrix(numbers("<f4", (6, 8)), blocksize=(2, 4))
    scipy.sparse.save_npz("s.npz", m)
    same("s.npz", m.toarray())
    m = scipy.sparse.random(2000, 30000, 1e-4, "csr", random_state=2)
    scipy.sparse.save_npz("s.npz", m)
    same("s.npz", m.toarray())
    good = open("x.npz", "rb").read()
    np.savez_compressed("y.npz", W=np.ones((50, 50)))
    bad = bytearray(open("y.npz", "rb").read())
    bad[120] ^= 255
    open("y.npz", "wb").write(bad)
    refuse("y.npz", "cannot be read")
    np.savez("y.npz", W=np.ones((50, 50)))
    bad = bytearray(open("y.npz", "rb").read())
    bad[len(bad) // 2] ^= 255
    open("y.npz", "wb").write(bad)
    refuse("y.npz", "y.npz:W.npy: cannot be read (CRC error)")
    open("y.npz", "wb").write(good[: len(good) // 2])
    refuse("y.npz", "zip archive that cannot be read")
    open("y.npz", "wb").write(good[:3] + b"\4")
    refuse("y.npz", "zip archive")


def matrix_market_files():
    dense = np.round(rng.normal(size=(6, 6)), 3)
    square = dense + dense.T
    skew = dense - dense.T
    for m, symmetry in [(dense, "general"), (square, "symmetric"), (skew, "skew-symmetric")]:
        for a in (m, scipy.sparse.coo_matrix(m), scipy.sparse.csr_matrix(m * (abs(m) > 0.5))):
            scipy.io.mmwrite("m.mtx", a, symmetry=symmetry, comment="made here", precision=17)
            same("m.mtx", a.toarray() if scipy.sparse.issparse(a) else a)
        scipy.io.mmwrite("m.mtx", (10 * m).astype(int), symmetry=symmetry)
        same("m.mtx", (10 * m).astype(int))
        scipy.io.mmwrite("m.mtx", scipy.sparse.coo_matrix((10 * m).astype(int)), field="integer", symmetry=symmetry)
        same("m.mtx", (10 * m).astype(int))
    scipy.io.mmwrite("m.mtx", scipy.sparse.coo_matrix(dense * (dense > 0.3)), field="pattern", symmetry="general")
    same("m.mtx", dense > 0.3, notes="pattern without values: every element is taken as 1")
    rect = numbers("f8", (3, 11))
    scipy.io.mmwrite("m.mtx", rect, precision=17)
    same("m.mtx", rect)
    scipy.io.mmwrite("m.mtx", scipy.sparse.coo_matrix(rect), precision=17)
    same("m.mtx", rect)
    twice = scipy.sparse.coo_matrix(([1.0, 2.0, 4.0], ([0, 0, 1], [1, 1, 0])), (2, 3))
    scipy.io.mmwrite("m.mtx", twice)
    same("m.mtx", twice.toarray())
    head = "%%MatrixMarket matrix coordinate real general\n"
    open("m.mtx", "w").write("%%matrixmarket MATRIX Coordinate Real General\r\n% x\r\n\r\n2 3 2\r\n1 1 +1.5\r\n\r\n2 3 -2e0\r\n")
    same("m.mtx", [[1.5, 0, 0], [0, 0, -2]])
    os.rename("m.mtx", "m.dat")  # not the name counts
    same("m.dat", [[1.5, 0, 0], [0, 0, -2]])
    scipy.io.mmwrite("m.mtx", dense * 1j)
    refuse("m.mtx", "line 1 says complex")
    for text, part in [
        ("2 2 2\n1 1 1\n", "ends after 1 elements: expected 2"),
        ("2 2 1\n1 1 1\n2 2 1\n", "line 4 follows the last element"),
        ("2 2 1\n3 1 1\n", "line 3 has element (3, 1): expected rows 1 to 2"),
        ("2 2 1\n0 1 1\n", "element (0, 1)"),
        ("2 2 1\n1 1 x\n", "line 3 has 'x': expected a number"),
        ("2 2 1\n1 1\n", "line 3 has ''"),
        ("2 2 1\n1 1 1 1\n", "more than one element"),
        ("2 2 1\n1 1 nan\n", "element [0, 0] is NaN"),
        ("2 2 1\n1 2 1e999\n", "element [0, 1] is infinite"),
        ("2 2\n1 2 1\n", "line 2 has ''"),
        ("0 2 0\n", "has no elements"),
        ("99999999 99999999 0\n", "up to 2^24"),
        ("2 2 -1\n", "'-1'"),
        ("", "ends before its sizes"),
    ]:
        open("m.mtx", "w").write(head + text)
        refuse("m.mtx", part)
    for banner, part in [
        ("matrix coordinate quaternion general", "field 'quaternion'"),
        ("vector coordinate real general", "object 'vector'"),
        ("matrix list real general", "format 'list'"),
        ("matrix coordinate real hermitian", "symmetry 'hermitian'"),
        ("matrix array pattern general", "array and pattern"),
        ("matrix coordinate integer general", "line 3 has '1.5': expected an integer"),
        ("matrix coordinate real symmetric", "expected a square matrix"),
    ]:
        open("m.mtx", "w").write("%%MatrixMarket " + banner + "\n2 3 1\n1 1 1.5\n")
        refuse("m.mtx", part)
    open("m.mtx", "w").write("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n")
    refuse("m.mtx", "ends before element (2, 2)")
    open("m.mtx", "w").write("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 3\n")
    refuse("m.mtx", "on the diagonal")


def smtx_files():
    for shape in [(5, 9), (1, 4), (8, 1), (40, 300)]:
        m = scipy.sparse.random(*shape, 0.4, "csr", random_state=3)
        m.sort_indices()
        m.data[:] = 1
        text = ", ".join(map(str, (*shape, m.nnz))) + "\n"
        text += " ".join(map(str, m.indptr)) + "\n" + " ".join(map(str, m.indices)) + "\n"
        for name in ("p.smtx", "p"):
            open(name, "w").write(text)
            same(name, m.toarray(), notes="every element is taken as 1")
    for text, part in [
        ("2, 3\n0 1 2\n0 1\n", "line 1 is '2, 3'"),
        ("2, 3, 2\n0 1\n0 1\n", "line 2 ends early"),
        ("2, 3, 2\n0 2 1\n0 1\n", "ascending"),
        ("2, 3, 2\n0 1 2\n0 3\n", "'3': expected column indices from 0 to 2"),
        ("2, 3, 2\n0 1 2\n0\n", "line 3 ends early"),
        ("2, 3, 2\n0 1 2\n0 1 2\n", "line 3 has more"),
        ("2, 3, 2\n0 2 2\n1 1\n", "has column 1 twice"),
        ("2, 3, 2\n0 1 1\n0 1\n", "0 to the 2 non-zeros"),
        ("0, 3, 0\n0\n", "has no elements"),
    ]:
        open("p.smtx", "w").write(text)
        refuse("p.smtx", part)


def tables():
    a = np.round(rng.normal(size=(5, 3)), 4)
    for delimiter in [",", "\t", ";", " ", ", "]:
        for fmt in ["%.18e", "%g"]:
            np.savetxt("t.csv", a, fmt, delimiter)
            same("t.csv", np.loadtxt("t.csv", delimiter=delimiter.strip() or None))
            np.savetxt("t", a, fmt, delimiter, header="a b c", newline="\r\n")
            same("t", a if fmt != "%g" else np.loadtxt("t", delimiter=delimiter.strip() or None))
    np.savetxt("t.csv", a[:, 0])
    same("t.csv", a[:, 0], "vector")
    np.savetxt("t.csv", a[0], "%.17g", ",", newline=",")
    open("t.csv", "w").write(",".join(map(repr, map(float, a[0]))))
    same("t.csv", a[0], "vector")
    np.savetxt("t.csv", np.arange(8), "%d")
    same("t.csv", np.arange(8), "integers")
    open("t.csv", "w").write('x,"y"\n1,2\n"3",4\n')
    same("t.csv", [[1, 2], [3, 4]], notes="line 1 is taken for a heading")
    open("t.csv", "wb").write(b"\xef\xbb\xbf1,2\r\n\r\n3,+4\r\n")
    same("t.csv", [[1, 2], [3, 4]])
    for text, expected in [  # of other programs: old Macs, Excel, pandas
        ("1,2\r3,4\r", [[1, 2], [3, 4]]),
        ("sep=;\n1;2\n3;4\n", [[1, 2], [3, 4]]),
        ("True,False\nFalse,True\n", [[1, 0], [0, 1]]),
        ("1e-310,1\n", [[1e-310, 1]]),
    ]:
        open("t.csv", "w", newline="").write(text)
        same("t.csv", expected)
    open("t.csv", "w").write("1e-400,0\n-1e-999,1\n")
    same("t.csv", [[0, 0], [0, 1]], notes="holds 2 numbers too small for double precision, taken as 0")
    open("t.mtx", "w").write("%%MatrixMarket matrix coordinate real general\n1 2 2\n1 1 1e-400\n1 2 1\n")
    same("t.mtx", [[0, 1]], notes="holds 1 number too small for double precision, taken as 0")
    open("t.csv", "wb").write("größe,b\n1,2\n".encode("latin1"))
    same("t.csv", [[1, 2]], notes="its first word is 'gr\\xF6\\xDFe'")
    for text, part in [
        (",a,b\n0,1,2\n", "line 1, column 1 is empty: expected a number (of a pandas table: to_csv(FILE, index=False))"),
        (",0,1\n0,1,2\n", "pandas"),
        ("1,5;2,5\n", "line 1, column 1 is '1,5': expected a number with a decimal point (sed 's/,/./g')"),
        ("1d0,2D0\n", "line 1, column 1 is '1d0': expected a number"),
        ("a,b\n", "has no numbers after a heading"),
        ("1,2\n" * 2000 + "3,\x1b[1m\n", "line 2001, column 2 is '\\x1B[1m'"),
        ("1,2\n3\n", "line 2 has 1 value: expected 2"),
        ("1,2\n3,x\n", "line 2, column 2 is 'x': expected a number"),
        ("1,2\n3,\n", "line 2, column 2 is empty"),
        ("1,,2\n", "line 1, column 2 is empty"),
        ("1,2\n3,nan\n", "element [1, 1], line 2, is NaN"),
        ("1,inf\n", "element [0, 1], line 1, is infinite"),
        ("a,b\nc,d\n", "line 2, column 1 is 'c'"),
        ("1,(1+2j)\n", "'(1+2j)'"),
        ("# nothing\n\n", "has no numbers"),
        ("Dear reader\n", "has no numbers after a heading"),
        ("1 2 3\n4 5\n", "line 2 has 2 values: expected 3"),
        ("0x10,2\n", "'0x10'"),
    ]:
        open("t.csv", "w").write(text)
        refuse("t.csv", part)
    np.savetxt("t.csv", np.array([0.5]))
    refuse("t.csv", "is 0.5: expected integers", what="integers")


def simulator_folders():
    for pes, bias, rows, columns in [(1, False, 5, 4), (4, True, 70, 9), (8, False, 333, 20)]:
        for parent in (False, True):
            book = np.concatenate([[0], np.sort(rng.normal(size=15))]).astype(np.float32)
            codes = rng.integers(1, 16, (rows, columns + bias)) * (rng.random((rows, columns + bias)) < 0.05)
            codes[rows - 1, 0] = 7
            w = book[codes]
            os.system("rm -rf layer; mkdir -p layer/sim/ptr layer/sim/spm")
            for k in range(pes):
                pointers, entries = [0], []
                for j in range(columns + bias):
                    run = 0
                    for code in codes[k::pes, j]:
                        if code == 0:
                            run += 1
                            continue
                        while run > 15:
                            entries += [0, 15]
                            run -= 16
                        entries += [code, run]
                        run = 0
                    pointers.append(len(entries) // 2)
                np.array(pointers, np.uint32).tofile(f"layer/sim/ptr/ptr{k}.dat")
                np.array(entries, np.uint32).tofile(f"layer/sim/spm/spm{k}.dat")
            book.tofile("layer/arithm.dat" if parent else "layer/sim/arithm.dat")
            act = rng.random(columns).astype(np.float32)
            act.tofile("layer/sim/act.dat")
            same("layer/sim", w[:, :columns], notes="does not say how many rows it has")
            same("layer/sim:act", act, "vector")
            if bias:
                same("layer/sim:bias", w[:, columns], "vector")
            else:
                refuse("layer/sim:bias", "has no bias", what="vector")
            np.zeros(rows + 3, np.float32).tofile("layer/sim/groundtruth.dat")
            same("layer/sim", np.vstack([w[:, :columns], np.zeros((3, columns))]))
            refuse("layer/sim:x", "has no member 'x'")
    os.remove("layer/sim/groundtruth.dat")

    def spoil(name, data, part):
        path = "layer/sim/" + name
        old = open(path, "rb").read()
        open(path, "wb").write(data if isinstance(data, bytes) else data.tobytes())
        refuse("layer/sim", part)
        open(path, "wb").write(old)

    spoil("act.dat", np.zeros(3, np.float32), "has 3 activations")
    spoil("ptr/ptr2.dat", np.zeros(3, np.uint32), "has 3 pointers")
    spoil("ptr/ptr0.dat", b"12345", "has 5 bytes")
    spoil("spm/spm0.dat", np.array([99, 0], np.uint32), "goes from 0")
    spoil("spm/spm1.dat", open("layer/sim/spm/spm1.dat", "rb").read()[:-4], "odd number")
    os.rename("layer/sim/ptr/ptr3.dat", "ptr3")
    refuse("layer/sim", "has no ptr/ptr3.dat")


def npy_refused():
    for a, part in [
        (np.ones((2, 2), "c8"), "'<c8', complex64"),
        (np.ones((2, 2), "c16"), "complex128: expected float16, float32, float64, integers or bool (numpy: a.real)"),
        (np.array([["a", "bc"]]), "text: expected float16, float32, float64, integers or bool (numpy: a.astype('float64'))"),
        (np.array([[b"a", b"bc"]]), "bytes"),
        (np.array([[1, None]], object), "Python objects"),
        (np.zeros((2, 2), [("a", "f4"), ("b", "i4")]), "structured type: expected float16, float32, float64, integers or bool (numpy: a['FIELD'])"),
        (np.zeros((2, 2), "M8[s]"), "datetime64"),
        (np.zeros((2, 2), np.longdouble), "(numpy: a.astype('float64'))"),
        (np.zeros((2, 2, 2)), "has shape (2, 2, 2)"),
        (np.zeros(()), "has shape ()"),
        (np.zeros((0, 3)), "has no elements"),
        (np.array([[1, np.nan]]), "element [0, 1] is NaN"),
        (np.array([[1, 2], [-np.inf, 2]], ">f2"), "element [1, 0] is infinite"),
        (np.asfortranarray([[1, 2], [3, np.nan]]), "element [1, 1] is NaN"),
    ]:
        np.save("x.npy", a)
        refuse("x.npy", part)
    np.save("x.npy", np.ones((4, 4)))
    good = open("x.npy", "rb").read()
    for data, part in [(good[:-1], "truncated"), (good + b"x", "after the data"), (good[:50], "truncated"), (good[:5], "no .npy file")]:
        open("x.npy", "wb").write(data)
        refuse("x.npy", part)
    np.save("x.npy", np.array([2**63], np.uint64))
    refuse("x.npy", "over 2^63", what="integers")
    np.save("x.npy", np.ones((3, 4)))
    refuse("x.npy", "has shape (3, 4): expected one vector", what="vector")
    refuse("x.npy:W", "names a member")


def foreign_files():
    def one(data, *parts):
        open("f.bin", "wb").write(data)
        refuse("f.bin", *parts)

    one(pickle.dumps(np.ones((2, 2))), "is a Python pickle", "python3 -c", "allow_pickle=True", "'f.bin'")
    one(pickle.dumps([1, 2], protocol=2), "is a Python pickle")
    one(pickle.dumps([1, 2], protocol=0), "is a Python pickle")
    one(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n", "is a Git LFS pointer", "git lfs pull")
    one(b"\x89HDF\r\n\x1a\n" + bytes(100), "is an HDF5 file", "h5py")
    one(b"\x1f\x8b\x08" + bytes(20), "is gzip-compressed", "gunzip")
    one(b"BZh91AY", "bzip2", "bunzip2")
    one(b"\xfd7zXZ\0" + bytes(9), "xz-compressed")
    one((2).to_bytes(8, "little") + b"{}" + bytes(8), "has 8 bytes after its tensors")
    one(b"\x08\x07\x12\x07pytorch\x1a\x051.9.0" + bytes(9), "is no ONNX model, or a damaged one")
    one(b"<!DOCTYPE html><html>Not found</html>", "web page")
    one(b'{"a": [1, 2]}', "is JSON", "json.load")
    one("1,2\n".encode("utf-16"), "UTF-16", "iconv -f UTF-16 -t UTF-8")
    one("1,2\n3,4\n".encode("utf-16-le"), "UTF-16", "iconv -f UTF-16LE")
    one("a,b\n3,4\n".encode("utf-16-be"), "UTF-16", "iconv -f UTF-16BE")
    one(b"[[1. 2.]\n [3. 4.]]\n", "an array as Python prints it", "split()")
    one(b"[[1, 2], [3, 4]]", "is JSON", "json.load")
    one(pickle.dumps([1.0, 2.0], 1), "Python pickle")
    one(open("/bin/true", "rb").read(), "is a program: expected a file of numbers")
    one(bytes(rng.integers(128, 256, 400, np.uint8)) + b"\0", "binary data", "numpy.fromfile")
    one(np.ones(9, np.float32).tobytes(), "binary data", "reshape(ROWS, COLUMNS)")
    one(b"", "is empty")
    scipy.io.savemat("f.mat", {"W": np.ones((2, 2))})
    refuse("f.mat", "is a MATLAB file", "scipy.io.loadmat")
    for member, what in [("archive/data.pkl", "is a PyTorch file"), ("readme.txt", "is a zip archive without .npy arrays"), ("xl/workbook.xml", "Excel")]:
        with zipfile.ZipFile("f.pt", "w") as z:
            z.writestr(member, "x")
        refuse("f.pt", what)
    with zipfile.ZipFile("f.pt", "w"):
        pass
    refuse("f.pt", "empty zip archive")
    refuse("absent.npy", "does not exist")
    os.mkdir("folder")
    refuse("folder", "is a directory")
    refuse("x.npy/y", "Not a directory")
    os.symlink("loop", "loop")
    refuse("loop", "Too many levels")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for step in (npy_files, npz_files, matrix_market_files, smtx_files, tables, simulator_folders, npy_refused, foreign_files):
        step()
    os.chdir("/")
print(f"{read} files read back equal, {refused} refused in one line")
assert read >= 100 and refused >= 60
