# SPDX-License-Identifier: Apache-2.0
"""Runs of tests: which mutants each comes by, and which test sees a mutant."""
import json
import os
import resource
import signal
import subprocess
import time


def tests_of(base, folder, programs):
    """name -> command, of the tests of a ready build whose program is one of these and is in the folder."""
    listed = subprocess.run(["ctest", "--show-only=json-v1"], cwd=base, capture_output=True, text=True)
    wanted = {}
    for test in json.loads(listed.stdout)["tests"]:
        command = test.get("command", [])
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        mine = os.path.join(folder, os.path.basename(command[0])) if command else ""
        if command and os.path.basename(command[0]) in programs and os.path.exists(mine) and "slow" not in properties.get("LABELS", []):
            wanted[f"{os.path.basename(command[0])}:{test['name']}"] = [mine, *command[1:]]
    return wanted


def run(command, folder, environment, cpu_limit, wall_limit):
    """(how it ended, processor seconds): passed, failed, crashed, timeout."""
    def limits():
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_limit, cpu_limit + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE": "1", **environment},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limits)
    end = time.monotonic() + wall_limit
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > end:
            os.killpg(process.pid, signal.SIGKILL)
            os.wait4(process.pid, 0)
            process.returncode = -9
            return "timeout", float(wall_limit)
        time.sleep(0.01)
    process.returncode = status
    seconds = used.ru_utime + used.ru_stime
    if os.WIFSIGNALED(status):
        return ("timeout" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) and seconds >= cpu_limit - 0.5 else "crashed"), seconds
    return ("passed" if os.WEXITSTATUS(status) == 0 else "failed"), seconds


class Journal:
    """A line of JSON for each mutant; a line that was cut off is dropped."""

    def __init__(self, path):
        self.path, self.done = path, {}
        if os.path.exists(path):
            with open(path, "rb") as old:
                text = old.read()
            whole = text[:text.rfind(b"\n") + 1]
            if whole != text:
                with open(path, "wb") as new:
                    new.write(whole)
            for line in whole.splitlines():
                entry = json.loads(line)
                self.done[entry["mutant"]] = entry

    def add(self, entry):
        self.done[entry["mutant"]] = entry
        with open(self.path, "a") as out:
            out.write(json.dumps(entry) + "\n")
            out.flush()


def record(tests, folder, count, work, most=8.0, known=None, name="t"):
    """One run of each test without a mutant: name -> {"seconds", "seen"}. What fails or takes too long is left out and named."""
    facts = dict(known or {})
    seen_file = os.path.join(work, f"seen-{name}")
    for test, command in tests.items():
        if test in facts:
            continue
        with open(seen_file, "wb") as out:
            out.write(bytes(count))
        how, seconds = run(command, folder, {"EIE_MUTANT_SEEN": seen_file}, int(most) + 1, 300)
        with open(seen_file, "rb") as text:
            seen = [k for k, byte in enumerate(text.read()) if byte]
        facts[test] = {"seconds": seconds, "seen": seen, "how": how if seconds < most else "timeout"}
    return facts


def judge(mutant, tests, facts, kills, folder, most_seconds):
    """Runs the tests that come by the mutant until one fails: an entry of the journal."""
    reach = [t for t, f in facts.items() if f["how"] == "passed" and mutant in f["seen"] and t in tests]
    reach.sort(key=lambda t: (facts[t]["seconds"] + 0.02) / (1 + 4 * kills.get(t, 0)))
    spent, ran = 0.0, 0
    for test in reach:
        if spent > most_seconds:
            return {"mutant": mutant, "how": "survived", "tests": ran, "of": len(reach), "cut": True}
        limit = int(10 * facts[test]["seconds"] + 5)
        how, seconds = run(tests[test], folder, {"EIE_MUTANT": str(mutant)}, limit, 20 * limit)
        spent, ran = spent + seconds, ran + 1
        if how != "passed":
            return {"mutant": mutant, "how": how, "by": test, "tests": ran, "of": len(reach)}
    return {"mutant": mutant, "how": "survived" if reach else "not reached", "tests": ran, "of": len(reach)}
