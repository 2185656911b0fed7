#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A debugger's side of GDB's remote protocol against the firmware of the platform.   gdb_test.py virtual_platform FIRMWARE CONFIG"""
import re
import shutil
import socket
import subprocess
import sys
import unittest

PROGRAM = FIRMWARE = CONFIG = ""
PC = 32


class Target:
    def __init__(self):
        self.process = subprocess.Popen(
            [PROGRAM, "--config", CONFIG, "--samples", "1", "--firmware", FIRMWARE, "--gdb", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.port = int(re.search(r"localhost:(\d+)", self.process.stderr.readline()).group(1))
        self.socket = None

    def connect(self):
        self.socket = socket.create_connection(("localhost", self.port), timeout=60)
        return self

    def send(self, text):
        self.socket.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 0xFF))

    def receive(self):
        seen = b""
        while not re.fullmatch(rb"\+*\$[^#]*#..", seen, re.S):
            more = self.socket.recv(1)
            assert more, seen
            seen += more
        body, digits = re.fullmatch(rb"\+*\$([^#]*)#(..)", seen, re.S).groups()
        assert int(digits, 16) == sum(body) & 0xFF, seen
        self.socket.sendall(b"+")
        return body.decode()

    def ask(self, text):
        self.send(text)
        return self.receive()

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def end(self):
        output, errors = self.process.communicate(timeout=120)
        if self.socket is not None:
            self.socket.close()
        return self.process.returncode, output, errors


class Gdb(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.addCleanup(self.target.process.kill)

    def assert_ran(self):
        status, output, errors = self.target.end()
        self.assertEqual(status, 0, errors)
        self.assertIn("all outputs match the golden model", output)

    def test_the_core_stands_at_its_entry_and_steps(self):
        target = self.target.connect()
        self.assertEqual(target.ask("?"), "S05")
        entry = target.register(PC)
        self.assertEqual(entry, 0x03E00000)
        everything = target.ask("g")
        self.assertEqual(len(everything), 33 * 16)
        self.assertEqual(int.from_bytes(bytes.fromhex(everything[-16:]), "little"), entry)
        self.assertEqual(target.ask("s"), "S05")
        self.assertEqual(target.register(PC), entry + 4)
        self.assertEqual(target.ask("s"), "S05")
        self.assertEqual(target.register(2), 0x04000000)  # la sp, stack_top
        self.assertEqual(target.ask("P5=0100000000000000"), "OK")
        self.assertEqual(target.register(5), 1)
        self.assertEqual(target.ask("D"), "OK")
        self.assert_ran()

    def test_breakpoints_memory_and_the_end(self):
        target = self.target.connect()
        entry = target.register(PC)
        # The trap vector is a place that interrupts come by.
        for _ in range(4):
            target.ask("s")
        vector = target.register(5)
        self.assertGreater(vector, entry)
        self.assertEqual(target.ask(f"Z0,{vector:x},4"), "OK")
        for _ in range(3):
            self.assertEqual(target.ask("c"), "S05")
            self.assertEqual(target.register(PC), vector)
        code = target.ask(f"m{vector:x},8")
        self.assertEqual(len(code), 16)
        self.assertEqual(target.ask(f"M{vector:x},8:{code}"), "OK")
        self.assertEqual(target.ask(f"m{vector:x},8"), code)
        self.assertEqual(target.ask("m60000000,4"), "E01")
        self.assertEqual(target.ask("p50"), "E01")
        self.assertEqual(target.ask("vMustReplyEmpty"), "")
        self.assertEqual(target.ask(f"z0,{vector:x},4"), "OK")
        self.assertEqual(target.ask("c"), "W00")
        self.assert_ran()

    def test_a_debugger_that_goes_away_leaves_the_program_running(self):
        self.target.connect().ask("?")
        self.target.socket.close()
        self.assert_ran()

    @unittest.skipUnless(shutil.which("gdb-multiarch"), "gdb-multiarch is not installed")
    def test_gdb_itself(self):
        commands = [f"target remote localhost:{self.target.port}", "break network_run", "continue", "backtrace", "delete", "finish",
                    "print firmware_result.layers", "continue"]
        done = subprocess.run(["gdb-multiarch", "-nx", "-batch", *(x for c in commands for x in ("-ex", c)), FIRMWARE],
                              capture_output=True, text=True, timeout=120)
        self.assertRegex(done.stdout, r"#1 .* in main \(\)")
        self.assertIn("$2 = 3", done.stdout)
        self.assertIn("exited normally", done.stdout)
        self.assert_ran()


if __name__ == "__main__":
    CONFIG = sys.argv.pop()
    FIRMWARE = sys.argv.pop()
    PROGRAM = sys.argv.pop()
    unittest.main()
