# SPDX-License-Identifier: Apache-2.0
"""Engine hw runs in processes of the program, as often as one likes; threads; Ctrl-C."""
import os
import signal
import subprocess
import sys
import threading
import time

import eie
import numpy as np
import pytest
from conftest import PROGRAM, layer, shared_layer, without_time
from eie import _program

sparse = pytest.importorskip("scipy.sparse")
pytestmark = pytest.mark.filterwarnings("ignore::eie.ResultWarning")


@pytest.fixture(autouse=True)
def program_of_build(monkeypatch):
    monkeypatch.setenv("EIE_PROGRAM", PROGRAM)


def without_engine(report):
    def strip(value):
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k != "engine"}
        return [strip(item) for item in value] if isinstance(value, list) else value

    return strip(without_time(report.to_dict()))


def test_hw_runs_several_times_and_equals_tlm():
    W, a = layer()
    for operands in ((W, a), (sparse.csc_matrix(W), np.vstack([a, a / 2]))):
        hw = eie.run(*operands, bias=np.linspace(-1, 1, 60), relu=True, config="eie4", engine="hw", out_frac=8)
        tlm = eie.run(*operands, bias=np.linspace(-1, 1, 60), relu=True, config="eie4", engine="tlm", out_frac=8)
        assert (hw.report.engine, tlm.report.engine) == ("hw", "tlm")
        assert np.array_equal(hw.raw, tlm.raw) and hw.raw.shape == tlm.raw.shape
        assert np.array_equal(hw.outputs, tlm.outputs)
        assert without_engine(hw.report) == without_engine(tlm.report)
        assert [i["path"] for i in hw.report.to_dict()["inputs"] if i["role"] == "weights"] == ["W"]


def test_a_network_on_hw():
    W1, a = shared_layer(30, 20)
    network = eie.Network([eie.Layer(W1, bias=np.ones(30), relu=True, name="a/b: 1"), np.eye(30)[:4]])
    X = np.vstack([a, a[::-1]])
    runs = [network.run(X, [0, 1], config="eie4", engine=engine) for engine in ("hw", "tlm")]
    assert np.array_equal(runs[0].raw, runs[1].raw)
    assert without_engine(runs[0].report) == without_engine(runs[1].report)


def test_a_sweep_on_hw():
    W, a = shared_layer()
    results = eie.sweep(["eie4", "eie4"], W, a, engine="hw")
    assert results[0].report.cycles == results[1].report.cycles == eie.run(W, a, config="eie4").report.cycles


def test_errors_of_the_child_have_the_names_of_the_operands():
    with pytest.raises(eie.Error, match=r"^W: has shape \(4, 4\): expected 3 columns"):
        eie.run(np.eye(4), np.ones(3), config="eie4", engine="hw")
    with pytest.raises(eie.Error, match="is not compiled|not built|compile"):
        eie.run(np.eye(4), np.ones(4), config="eie4", engine="hw", queue_depth=3)


def test_where_the_program_is(monkeypatch, tmp_path):
    monkeypatch.delenv("EIE_PROGRAM")
    assert os.path.samefile(_program.find(), PROGRAM)  # beside the package
    monkeypatch.setenv("EIE_PROGRAM", str(tmp_path))
    with pytest.raises(eie.Error, match="EIE_PROGRAM is"):
        eie.run(np.eye(4), np.ones(4), config="eie4", engine="hw")


def fake(tmp_path, text):
    program = tmp_path / "eie"
    program.write_text("#!/bin/sh\n" + text)
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize("script, kind, message", [
    ("echo 'eie run: launch 1: the device answered with SLVERR' >&2; exit 1", eie.DeviceError, "launch 1: the device answered"),
    ("echo 'eie run: out of memory' >&2; exit 1", MemoryError, "out of memory"),
    ("echo 'eie run: internal error: x' >&2; exit 1", RuntimeError, "ended with status 1: internal error: x"),
    ("echo 'eie run: operand0.npy: is bad' >&2; exit 2", eie.Error, "W: is bad"),
    ("kill -9 $$", RuntimeError, "ended with status -9"),
    ("""echo '{"version": "0.0.1"}' >report.json""", eie.Error, "is version 0.0.1: expected"),
])
def test_how_a_child_ends(tmp_path, monkeypatch, script, kind, message):
    monkeypatch.setenv("EIE_PROGRAM", fake(tmp_path, script))
    with pytest.raises(kind, match=message) as caught:
        eie.run(np.eye(4), np.ones(4), config="eie4", engine="hw")
    assert type(caught.value) is kind


def test_threads_run_at_once_and_agree():
    W, a = layer(300, 200)
    expected = eie.run(W, a, config="eie16")
    results = [None] * 6

    def work(k):
        results[k] = eie.run(W, a, config="eie16")

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        assert np.array_equal(result.raw, expected.raw)
        assert without_time(result.report.to_dict()) == without_time(expected.report.to_dict())


def test_other_threads_go_on_during_a_run():
    W, a = layer(600, 500, seed=4)
    samples = np.tile(a, (60, 1))
    beats = []
    done = threading.Event()

    def count():
        while not done.is_set():
            beats.append(time.monotonic())
            time.sleep(0.002)

    counter = threading.Thread(target=count)
    counter.start()
    begin = time.monotonic()
    eie.run(W, samples, config="eie16")
    end = time.monotonic()
    done.set()
    counter.join()
    inside = [b for b in beats if begin < b < end]
    assert len(inside) >= 10, f"{len(inside)} beats in {end - begin:.2f} s"


LONG = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np, eie
r = np.random.default_rng(1)
W = r.standard_normal((1500, 1000)) * (r.random((1500, 1000)) < 0.1)
a = np.maximum(r.standard_normal(({samples}, 1000)), 0)
print("begins", flush=True)
try:
    {call}
    print("ends", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(3)
"""
CALLS = {
    "run": "eie.run(W, a, config='eie16')",
    "jobs": "eie.run(W, a, config='eie16', jobs=4)",
    "network": "eie.Network([W, np.eye(1500)]).run(a, config='eie16')",
    "sweep": "eie.sweep({'queue_depth': list(range(1, 200))}, W, a, config='eie16')",
    "hw": "eie.run(W, a, config='eie4', engine='hw')",
}


@pytest.mark.parametrize("call", list(CALLS))
@pytest.mark.parametrize("delay", [0.2, 1.5])
def test_ctrl_c_ends_a_run(call, delay):
    """Runs that would take minutes end within seconds."""
    script = LONG.format(samples=20000 if call != "sweep" else 200, call=CALLS[call])
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "begins\n"
            time.sleep(delay)
            asked = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.stdout.read() == "interrupted\n"
            assert process.wait(60) == 3
            assert time.monotonic() - asked < 60
        finally:
            process.kill()
