# SPDX-License-Identifier: Apache-2.0
"""A Slurm of one node, this machine, in a folder of its own: munged, slurmctld and slurmd without systemd, for tests."""
import os
import shutil
import socket
import subprocess
import time

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo")
CONF = """ClusterName=eie
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={slurmd}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    """What a Slurm here needs and has not: a text, empty for nothing."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    absent = [name for name in NEEDED if shutil.which(name, path=path) is None]
    if absent:
        return f"{', '.join(absent)} not found (Debian: slurm-wlm, munge)"
    return "" if os.geteuid() == 0 else "not root, as which Slurm's daemons run here"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class OneNode:
    """with OneNode(folder) as env: what runs with this environment finds the Slurm."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.daemons = []

    def _start(self, name, *words):
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        log = open(os.path.join(self.folder, name + ".out"), "wb")
        self.daemons.append((name, subprocess.Popen([path, *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env)))

    def __enter__(self):
        for below in ("state", "spool"):
            os.makedirs(os.path.join(self.folder, below))
        os.chmod(self.folder, 0o755)
        key = os.path.join(self.folder, "munge.key")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o400), "wb") as file:
            file.write(os.urandom(1024))
        host = socket.gethostname().split(".")[0]
        ctld, slurmd = free_ports(2)
        conf = os.path.join(self.folder, "slurm.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(CONF.format(host=host, ctld=ctld, slurmd=slurmd, folder=self.folder, cpus=os.cpu_count()))
        self.env = {**os.environ, "SLURM_CONF": conf}
        try:
            self._start("munged", "--force", "--foreground", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
                        f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
                        f"--seed-file={self.folder}/munged.seed")
            self._wait(lambda: os.path.exists(os.path.join(self.folder, "munge.socket")), "munged")
            self._start("slurmctld", "-D", "-f", conf)
            self._start("slurmd", "-D", "-f", conf)
            self._wait(lambda: "idle" in self.run("sinfo", "-h", "-o", "%t"), "a node that is idle")
        except BaseException:
            self.__exit__()
            raise
        return self.env

    def _wait(self, there, what):
        end = time.monotonic() + 60
        while not there():
            for name, daemon in self.daemons:
                if daemon.poll() is not None:
                    with open(os.path.join(self.folder, name + ".out"), encoding="utf-8", errors="replace") as file:
                        raise RuntimeError(f"{name} ended: {file.read()[-2000:]}")
            if time.monotonic() > end:
                raise RuntimeError(f"no {what} after a minute")
            time.sleep(0.1)

    def run(self, *words):
        return subprocess.run(words, env=self.env, capture_output=True, text=True, timeout=60).stdout

    def __exit__(self, *_):
        for _, daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
