# SPDX-License-Identifier: Apache-2.0
"""Runs of `eie bench`, each made once: its report is kept by program, configuration, workload and arguments."""
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

from .paper import LAYERS, ROOT, WORKLOAD

# Memories and registers that are deep enough for one launch and one batch: the paper's simulator knows no capacities.
DEEP = (("spmat_depth", 131072), ("pointer_width", 20), ("pointer_depth", 32768), ("act_depth", 4096), ("registers", 16384))
# What is kept of a layer's report.
KEPT = ("rows", "columns", "cycles", "time_us", "launches", "batches", "broadcasts", "work", "load_balance", "stalls", "sram_reads",
        "energy", "golden_match", "floors")


class Failure(Exception):
    """One line for the user."""


@dataclasses.dataclass(frozen=True)
class Run:
    """One call of the program: nine layers on a configuration."""
    config: str = "eie64"
    changes: tuple = ()
    balance: str = "none"
    technology: str = "paper45"
    layers: tuple = tuple(LAYERS)

    def arguments(self, seed):
        words = ["bench", "--config", str(ROOT / "configs" / (self.config + ".yaml")), "--engine", "tlm", "--seed", str(seed),
                 "--workload", str(WORKLOAD), "--balance", self.balance, "--technology",
                 str(ROOT / "configs" / "technology" / (self.technology + ".yaml")), "--layers", ",".join(self.layers)]
        for key, value in self.changes:
            words += ["--set", f"{key}={value}"]
        return words

    def words(self, seed):
        """As somebody would type it."""
        words = f"eie bench --engine tlm --config {self.config} --seed {seed}"
        words += f" --balance {self.balance}" if self.balance != "none" else ""
        words += f" --technology {self.technology}" if self.technology != "paper45" else ""
        return words + "".join(f" --set {key}={value}" for key, value in self.changes)


def digest(path):
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha.update(block)
    return sha.hexdigest()


class Progress:
    """A line on a terminal, nothing elsewhere."""

    def __init__(self, total):
        self.total, self.done, self.start = total, 0, time.monotonic()
        self.shown = sys.stderr.isatty()

    def step(self, text):
        self.done += 1
        if self.shown:
            left = (time.monotonic() - self.start) / self.done * (self.total - self.done)
            print(f"\r\033[K{self.done}/{self.total} runs, about {left:.0f} s left: {text}"[:100], end="", file=sys.stderr, flush=True)

    def close(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def write_whole(path, content):
    """Text or bytes; the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


class Runner:
    """Reports by run; what is in `folder` from the same program and files is not run again."""

    def __init__(self, program, folder, seed, jobs):
        self.program, self.folder, self.seed, self.jobs = program, pathlib.Path(folder), seed, jobs
        if not os.access(program, os.X_OK):
            raise Failure(f"--eie: {program} is not there: expected the program, which scripts/run builds")
        self.program_digest = digest(program)
        self.digests = {}
        self.reports = {}
        self.made = 0
        self.lock = threading.Lock()

    def file_digest(self, path):
        if path not in self.digests:
            self.digests[path] = digest(path)
        return self.digests[path]

    def key(self, run):
        inputs = [self.program_digest, str(self.seed), repr(dataclasses.astuple(run)), self.file_digest(WORKLOAD),
                  self.file_digest(ROOT / "configs" / (run.config + ".yaml")),
                  self.file_digest(ROOT / "configs" / "technology" / (run.technology + ".yaml"))]
        return hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:32]

    def run(self, run):
        path = self.folder / (self.key(run) + ".json")
        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            pass  # not made yet
        done = subprocess.run([self.program, *run.arguments(self.seed), "--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True)
        if done.returncode:
            raise Failure(f"{run.words(self.seed)} ended with status {done.returncode}: {done.stderr.strip() or 'see its output'}")
        report = json.loads(done.stdout)
        kept = {"version": report["version"], "config": report["config"], "area": report["area"],
                "layers": {layer["name"]: {key: layer[key] for key in KEPT} for layer in report["layers"]}}
        for name, layer in kept["layers"].items():
            if not layer["golden_match"]:
                raise Failure(f"{run.words(self.seed)}: {name} does not match the golden model")
        write_whole(path, json.dumps(kept))
        with self.lock:
            self.made += 1
        return kept

    def run_all(self, runs):
        """{run: report}; on all of --jobs at once."""
        missing = [run for run in dict.fromkeys(runs) if run not in self.reports]
        progress = Progress(len(missing))
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            waiting = {pool.submit(self.run, run): run for run in missing}
            try:
                for future in concurrent.futures.as_completed(waiting):
                    self.reports[waiting[future]] = future.result()
                    progress.step(waiting[future].words(self.seed))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            finally:
                progress.close()
        return {run: self.reports[run] for run in runs}
