# SPDX-License-Identifier: Apache-2.0
"""Completion of eie in zsh, on a terminal as a user types it.

Usage: zsh_completion.py EIE FOLDER. FOLDER has the file _eie.
"""
import os
import pty
import select
import subprocess
import sys
import time

EIE, FOLDER = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
PATIENCE = 60  # seconds; the machine may be busy


class Terminal:
    def __init__(self):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="dumb", COLUMNS="200", PATH=os.path.dirname(EIE) + ":" + os.environ["PATH"])
            os.environ.pop("EIE_DATA_DIR", None)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.pid = pid
        self.type(f"fpath=({FOLDER} $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=1000; PROMPT=; RPROMPT=; unsetopt zle_bracketed_paste\n")
        self.type("echo rea''dy\n")
        self.until("ready")

    def type(self, text):
        os.write(self.fd, text.encode())

    def until(self, *parts):
        """Reads until all parts were seen, and what comes right after."""
        text, end = "", time.monotonic() + PATIENCE
        while not all(part in text for part in parts):
            left = end - time.monotonic()
            assert left > 0, f"{parts} did not come, but {text!r}"
            if select.select([self.fd], [], [], min(left, 1))[0]:
                text += os.read(self.fd, 65536).decode("utf-8", "replace")
        return text

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def completes(line, *parts):
    terminal = Terminal()
    terminal.type(line + "\t\t")
    terminal.until(*parts)
    terminal.close()


subprocess.run(["zsh", "-n", os.path.join(FOLDER, "_eie")], check=True)
completes("eie ", "network", "a chain of layers on many samples")
completes("eie run --eng", "--engine ")
completes("eie run --engine ", "hw ", "rtl ", "tlm")
completes("eie run --config ", "eie16", "eie64-lookahead")
completes("eie info eie64-", "eie64-lookahead")
completes("eie network dig", "digits")
completes("eie bench --workload pap", "paper")
completes("eie run --set queue", "queue_depth=")
completes("eie completion z", "zsh")
print("passed")
