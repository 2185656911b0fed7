# SPDX-License-Identifier: Apache-2.0
"""Where the `eie` program writes to: pipes, FIFOs, sockets, full and read-only places, links, and signals at any time.

Usage: outputs.py EIE CONFIG CASE. Standard library only, but for NumPy's .npy files, which are made by hand.
"""
import json
import os
import random
import resource
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time

EIE, CONFIG, CASE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
WORKLOAD = os.path.join(os.path.dirname(CONFIG), "workloads", "paper.yaml")
NOBODY = 65534
COLUMNS = 8


def npy(shape, values):
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)
    head += " " * (-(len(head) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<%df" % len(values), *values)


def is_npy_of(data, shape):
    return data.startswith(b"\x93NUMPY") and ("'shape': %s" % (shape,)).encode() in data[:128]


def command(*words):
    words = list(words)
    base = {"run": ["--weights", "w.npy", "--activations", "a.npy"], "encode": ["--weights", "w.npy"],
            "network": ["--network", "net.yaml"], "export": ["--weights", "w.npy", "--activations", "a.npy"]}
    return [EIE, words[0], "--config", CONFIG, *base.get(words[0], []), *words[1:]]


def eie(*words, status=0, **more):
    done = subprocess.run(command(*words), stdout=more.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
                          timeout=120, **more)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    if status == 2:
        assert done.stderr.count(b"\n") == 1, done.stderr
    return done


def refused(part, *words, **more):
    before = listing()
    done = eie(*words, status=2, **more)
    assert part.encode() in done.stderr, (part, done.stderr)
    assert listing() == before, (words, listing() - before)


def listing():
    found = set()
    for folder, folders, files in os.walk("."):
        for name in folders + files:
            path = os.path.join(folder, name)
            try:
                found.add((path, os.lstat(path).st_size if name in files else -1))
            except FileNotFoundError:  # a temporary file of a program that still runs, renamed since the folder was read
                pass
    return found


def setup():
    values = [((i * 7) % 13 - 6) / 8 for i in range(600 * COLUMNS)]
    open("w.npy", "wb").write(npy((600, COLUMNS), values))
    open("a.npy", "wb").write(npy((COLUMNS,), [0.5, 0, 1, 0.25, 0, 0.125, 1, 0.75]))
    open("m.npy", "wb").write(npy((3, COLUMNS), [(i % 5) / 4 for i in range(3 * COLUMNS)]))
    open("net.yaml", "w").write("inputs: m.npy\nlayers: [{name: n, weights: w.npy, relu: true}]\n")


def as_user():
    """Options of subprocess for somebody without rights; the folder becomes theirs."""
    if os.getuid() != 0:
        return {}
    for path, _ in listing() | {(".", 0)}:
        os.lchown(path, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


# Standard output

def stdout_is_pure():
    for name in ("json", "output", "raw-output"):
        done = eie("run", "--%s" % name, "-")
        if name == "json":
            assert json.loads(done.stdout)["golden_match"] is True
        else:
            assert is_npy_of(done.stdout, (600,))
        assert b"golden model  match" in done.stderr
    for words in (("encode", "--output", "enc"), ("network",), ("export", "--output", "exp"), ("figure3",),
                  ("bench", "--workload", WORKLOAD, "--layers", "nt_we", "--engine", "tlm")):
        done = eie(*words, "--json", "-")
        assert json.loads(done.stdout)["schema"] == "eie-report/1"
    done = eie("network", "--output", "-", "--json", "r.json")
    assert is_npy_of(done.stdout, (3, 600)) and json.load(open("r.json"))["golden_match"] is True
    refused("is standard output, as is --output", "run", "--output", "-", "--json", "-")
    refused("standard output: cannot be written (No space left on device)", "run", "--json", "-", stdout=open("/dev/full", "wb"))


def dev_stdout_appends():
    for path in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"):
        if path == "link":
            os.symlink("/dev/stdout", "link")
        open("log", "w").write("before\n")
        eie("run", "--json", path, stdout=open("log", "ab"))
        text = open("log").read()
        assert text.startswith("before\n{") and '"golden_match": true' in text and "golden model  match" in text, (path, text[:200])
        assert os.path.islink("link") == (path == "link")
    os.remove("link")
    with open("r.json", "wb") as f:
        os.set_inheritable(f.fileno(), True)
        eie("run", "--json", "/dev/fd/%d" % f.fileno(), pass_fds=[f.fileno()])
    assert json.load(open("r.json"))["golden_match"] is True
    with open("r.json", "rb") as f:
        refused("cannot be written (Bad file descriptor)", "run", "--json", "/dev/fd/%d" % f.fileno(), pass_fds=[f.fileno()])
    refused("/dev/fd/77: cannot be written", "run", "--json", "/dev/fd/77")


def closed_pipes_end_quietly():
    for words in (("run",), ("run", "--json", "-"), ("figure3",)):
        before = listing()
        r, w = os.pipe()
        os.close(r)
        done = subprocess.run(command(*words), stdout=w, stderr=subprocess.PIPE, timeout=120)
        os.close(w)
        assert done.returncode == -signal.SIGPIPE and done.stderr == b"", done
        assert listing() == before


def read_all(path, result):
    with open(path, "rb") as f:
        result.append(f.read())


def fifos_and_sockets():
    os.mkfifo("fifo")
    for words, check in ((("run", "--json"), lambda d: json.loads(d)["golden_match"]),
                         (("run", "--output"), lambda d: is_npy_of(d, (600,))),
                         (("network", "--raw-output"), lambda d: is_npy_of(d, (3, 600)))):
        got = []
        reader = threading.Thread(target=read_all, args=("fifo", got))
        reader.start()
        eie(*words, "fifo")
        reader.join(60)
        assert not reader.is_alive() and check(got[0]), got
        assert stat.S_ISFIFO(os.stat("fifo").st_mode)
    server = socket.socket(socket.AF_UNIX)
    server.bind("socket")
    server.listen(1)
    got = []

    def accept():
        end, _ = server.accept()
        with end:
            data = b""
            while part := end.recv(65536):
                data += part
            got.append(data)

    reader = threading.Thread(target=accept)
    reader.start()
    eie("run", "--json", "socket")
    reader.join(60)
    assert json.loads(got[0])["golden_match"] is True
    server.close()
    refused("socket: cannot be written (Connection refused)", "run", "--json", "socket")


# Files that are there

def old_files_keep_mode_owner_and_links():
    for mode in (0o600, 0o640, 0o755):
        open("r.json", "w").write("old")
        os.chmod("r.json", mode)
        eie("run", "--json", "r.json")
        assert stat.S_IMODE(os.stat("r.json").st_mode) == mode
        assert json.load(open("r.json"))["golden_match"] is True
    if os.getuid() == 0:
        os.chown("r.json", NOBODY, NOBODY)
        eie("run", "--json", "r.json")
        assert (os.stat("r.json").st_uid, os.stat("r.json").st_gid) == (NOBODY, NOBODY)
    for old in ("x", "x" * 100000):
        open("hard", "w").write(old)
        if not os.path.exists("other"):
            os.link("hard", "other")
        eie("run", "--json", "hard")
        assert os.stat("hard").st_nlink == 2 and os.path.samefile("hard", "other")
        assert json.load(open("other"))["golden_match"] is True
    os.symlink("target", "soft")
    for _ in range(2):
        eie("run", "--output", "soft")
        assert os.path.islink("soft") and is_npy_of(open("target", "rb").read(), (600,))
    name = "n" * 250 + ".json"
    for _ in range(2):
        eie("run", "--json", name)
        assert json.load(open(name))["golden_match"] is True
    refused("File name too long", "run", "--json", "n" * 256)
    assert not [p for p, _ in listing() if ".tmp" in p]


def folders_without_rights():
    os.mkdir("locked")
    open("locked/r.json", "w").write("old")
    open("locked/fixed.json", "w").write("old")
    open("secret.npy", "w").write("")
    user = as_user()
    os.chmod("locked/fixed.json", 0o444)
    os.chmod("secret.npy", 0)
    os.chmod("locked", 0o555)
    eie("run", "--json", "locked/r.json", **user)  # the file may be written, the folder not
    assert json.load(open("locked/r.json"))["golden_match"] is True
    refused("locked/new.json: cannot be written (Permission denied)", "run", "--json", "locked/new.json", **user)
    refused("locked/fixed.json: cannot be written (Permission denied)", "run", "--json", "locked/fixed.json", **user)
    refused("locked: cannot be written (Permission denied)", "encode", "--output", "locked", **user)
    refused("locked/enc: cannot be made (Permission denied)", "encode", "--output", "locked/enc", **user)
    refused("secret.npy: cannot be opened (Permission denied)", "run", "--bias", "secret.npy", **user)
    os.chmod("net.yaml", 0)
    refused("net.yaml: cannot be opened (Permission denied): expected a readable YAML file", "network", **user)
    os.chmod("locked", 0o000)
    refused("locked/r.json: cannot be written (Permission denied)", "run", "--json", "locked/r.json", **user)
    os.chmod("locked", 0o755)


def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def full_disks():
    for words in (("run", "--json"), ("run", "--output"), ("network", "--output")):
        refused("/dev/full: cannot be written (No space left", *words, "/dev/full")
        refused("r: cannot be written (File too large)", *words, "r", preexec_fn=lambda: limit(200))
    for name, links in (("one", 1), ("two", 2)):
        open(name, "w").write("precious")
        if links == 2:
            os.link(name, "twin")
        refused(name + ": cannot be written (File too large)", "run", "--json", name, preexec_fn=lambda: limit(200))
        assert open(name).read() == "precious"
    refused("enc/", "encode", "--output", "enc", preexec_fn=lambda: limit(200))
    os.mkdir("there")
    refused("there/", "encode", "--output", "there", preexec_fn=lambda: limit(200))
    refused("exp/", "export", "--output", "exp", preexec_fn=lambda: limit(200))
    for path in ("/proc/r.json", "/sys/r.json"):
        refused(path + ": cannot be written", "run", "--json", path)


# encode

def contents(folder):
    return {p: open(p, "rb").read() for p, size in listing() if p.startswith("./" + folder + "/") and size >= 0}


def encodings_are_replaced_whole():
    eie("encode", "--output", "enc")
    first = contents("enc")
    assert any("launch1/" in p for p in first)
    open("enc/notes.txt", "w").write("mine")
    refused("enc: holds another result", "encode", "--output", "enc")
    open("small.npy", "wb").write(npy((4, 4), [1, 0, 0, 0] * 4))
    subprocess.run(
        [EIE, "encode", "--config", CONFIG, "--weights", "small.npy", "--output", "enc", "--force"], check=True, stdout=subprocess.DEVNULL)
    assert open("enc/notes.txt").read() == "mine"
    assert not os.path.exists("enc/launch1"), "of the encoding before"
    os.remove("enc/notes.txt")
    eie("encode", "--output", "enc", "--force")
    assert contents("enc") == first
    os.mkdir("empty")
    eie("encode", "--output", "empty")
    eie("encode", "--output", "a/b/c")
    assert {os.path.basename(p) for p in contents("a/b/c")} == {os.path.basename(p) for p in first}


# Signals

def large():
    """Files that take long enough to be hit anywhere."""
    n = 512
    open("w.npy", "wb").write(npy((n, n), [((i * 7919) % 17) / 8 if i % 11 == 0 else 0 for i in range(n * n)]))
    open("a.npy", "wb").write(npy((n,), [1] * n))
    open("m.npy", "wb").write(npy((6, n), [(i % 3) / 2 for i in range(6 * n)]))
    for name in ("r.json", "y.npy", "hard"):
        open(name, "w").write("old")
    os.link("hard", "twin")


def interrupt(words, check, number=signal.SIGINT, rounds=40):
    started = time.time()
    eie(*words)
    whole = time.time() - started
    ended = 0
    for _ in range(rounds):
        large()
        check(None)
        before = listing()
        child = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.random() * whole * 1.1)
        child.send_signal(number)
        status = child.wait(60)
        assert status in (0, -number), status
        ended += status != 0
        check(status)
        if status != 0:
            left = {p for p, _ in listing()} - {p for p, _ in before}
            assert not [p for p in left if ".tmp" in p], left
        for path in ("hard", "twin"):
            os.remove(path)
    assert ended > rounds / 4, "%d of %d were hit" % (ended, rounds)


def old_or_whole(status):
    for name in ("r.json", "y.npy", "hard"):
        data = open(name, "rb").read()
        good = data == b"old" or (name == "y.npy" and is_npy_of(data, (512,)) and len(data) == 128 + 8 * 512) or (
            name != "y.npy" and json.loads(data)["golden_match"] is True)
        assert good, (name, data[:100])
        assert status != 0 or data != b"old" or name == "hard"


def signals_during_run():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        large()
        os.remove("hard"), os.remove("twin")
        interrupt(("run", "--engine", "tlm", "--json", "r.json", "--output", "y.npy"), old_or_whole, number, 15)
    large()
    os.remove("hard"), os.remove("twin")

    def linked(status):
        assert os.path.samefile("hard", "twin")
        data = open("twin", "rb").read()
        assert data == b"old" or json.loads(data)["golden_match"] is True, data[:100]

    interrupt(("run", "--engine", "tlm", "--json", "hard"), linked, signal.SIGINT, 15)


def signals_during_encode():
    def none_or_all(status):
        if status is None:
            return
        names = {os.path.basename(p) for p in contents("a")}
        assert (not os.path.exists("a")) if not names else {"codes.npy", "codebook.npy", "pe0_ptr.npy", "pe3_entries.npy"} <= names, names

    large()
    os.remove("hard"), os.remove("twin")
    interrupt_encode("a/b/enc", none_or_all)


def interrupt_encode(folder, check):
    started = time.time()
    eie("encode", "--output", folder)
    whole = time.time() - started
    ended = 0
    for k in range(40):
        replace = k % 2 == 1
        if not replace:
            shutil.rmtree("a", ignore_errors=True)
        elif not os.path.exists(folder):
            eie("encode", "--output", folder)
        old = contents("a") if replace else {}
        child = subprocess.Popen(command("encode", "--output", folder, *(["--force"] if replace else [])),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.random() * whole * 1.1)
        child.send_signal(signal.SIGINT)
        status = child.wait(60)
        assert status in (0, -signal.SIGINT), status
        ended += status != 0
        assert not [p for p, _ in listing() if ".tmp" in p], listing()
        if replace:
            assert contents("a") == old, "the same encoding, before or after"
        check(status)
    assert ended > 10, "%d of 40 were hit" % ended


def signals_during_trace():
    large()
    os.remove("hard"), os.remove("twin")
    before = listing()
    child = subprocess.Popen(command("run", "--trace", "t.vcd"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not any(size > 0 for _, size in listing() - before) and child.poll() is None:  # beside t.vcd, until it is whole
        time.sleep(0.001)
    child.send_signal(signal.SIGTERM)
    assert child.wait(60) in (0, -signal.SIGTERM)
    if child.returncode != 0:
        assert listing() == before, listing() - before


def text_that_is_not_utf8():
    name = b"caf\xe9.npy"
    open(name, "wb").write(open("a.npy", "rb").read())
    done = subprocess.run([EIE, "run", "--config", CONFIG, "--weights", "w.npy", "--activations", name], capture_output=True)
    assert done.returncode == 2 and b"--activations is 'caf\\xE9.npy': expected UTF-8" in done.stderr, done.stderr
    open("net.yaml", "wb").write(b"inputs: m.npy\nlayers:\n  - {name: caf\xe9, weights: w.npy, relu: true}\n")
    refused("net.yaml:3: has byte \\xE9, which is not UTF-8", "network")
    config = open(CONFIG, "rb").read()
    open("c.yaml", "wb").write(config + b"# \xff\n")
    done = subprocess.run([EIE, "bench", "--config", "c.yaml"], capture_output=True)
    assert done.returncode == 2 and b"not UTF-8" in done.stderr, done.stderr
    open("ja-日本.npy", "wb").write(open("a.npy", "rb").read())
    open("net.yaml", "w").write("inputs: m.npy\nlayers:\n  - {name: café, weights: w.npy, relu: true}\n")
    assert json.loads(eie("network", "--json", "-").stdout)["layers"][0]["name"] == "café"


def simulator_folder_runs():
    """A layer of the EIE authors' simulator on two PEs, weights, activations and bias from its folder."""
    os.makedirs("sim/ptr"), os.makedirs("sim/spm")
    book = [0.0] + [k / 8 for k in range(1, 16)]
    w = [[1, 0, 2], [0, 2, 0], [3, 1, 1], [0, 0, 4]]  # codes; the last column is the bias
    for k in range(2):
        pointers, entries = [0], []
        for j in range(3):
            run = 0
            for row in w[k::2]:
                entries += [row[j], run] if row[j] else []
                run = 0 if row[j] else run + 1
            pointers.append(len(entries) // 2)
        open("sim/ptr/ptr%d.dat" % k, "wb").write(struct.pack("<%dI" % len(pointers), *pointers))
        open("sim/spm/spm%d.dat" % k, "wb").write(struct.pack("<%dI" % len(entries), *entries))
    open("sim/arithm.dat", "wb").write(struct.pack("<16f", *book))
    open("sim/act.dat", "wb").write(struct.pack("<2f", 0.5, 0.25))
    done = subprocess.run([EIE, "run", "--config", CONFIG, "--weights", "sim", "--output", "-"], capture_output=True)
    assert done.returncode == 0 and b"note: sim does not say how many rows it has" in done.stderr, done.stderr
    y = struct.unpack("<4d", done.stdout[-32:])
    expected = [book[r[0]] * 0.5 + book[r[1]] * 0.25 + book[r[2]] for r in w]
    assert all(abs(a - b) < 1e-3 for a, b in zip(y, expected)), (y, expected)
    open("net.yaml", "w").write("inputs: sim:act\nlayers: [{name: n, weights: sim, relu: true}]\n")
    assert struct.unpack("<4d", eie("network", "--output", "-").stdout[-32:]) == y
    open("a2.npy", "wb").write(npy((2,), [1, 1]))
    open("b.npy", "wb").write(npy((4,), [0, 0, 0, 0]))
    done = subprocess.run([EIE, "run", "--config", CONFIG, "--weights", "sim", "--activations", "a2.npy", "--bias", "b.npy",
                           "--output", "-"], capture_output=True)
    y = struct.unpack("<4d", done.stdout[-32:])
    assert all(abs(a - book[r[0]] - book[r[1]]) < 1e-3 for a, r in zip(y, w)), y


random.seed(int(os.environ.get("EIE_SEED", "1")))
work = tempfile.mkdtemp(prefix="eie_outputs_")
try:
    os.chmod(work, 0o755)
    if os.getuid() == 0:  # for those without rights: the program, wherever it was built
        shutil.copy(EIE, work + "/eie")
        shutil.copy(CONFIG, work + "/config.yaml")
        EIE, CONFIG = work + "/eie", work + "/config.yaml"
    os.mkdir(work + "/here")
    os.chdir(work + "/here")
    setup()
    globals()[CASE]()
finally:
    os.chdir("/")
    subprocess.run(["chmod", "-R", "u+rwX", work])
    shutil.rmtree(work)
print(CASE, "passed")
