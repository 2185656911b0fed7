#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/functional_coverage on lines that the signal-level device wrote.   merge_test.py PROGRAM"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[4]
PROGRAM = ""


class Merge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.lines = self.folder / "lines"

    def run_device(self):
        environment = {**os.environ, "EIE_COVERED": str(self.lines)}
        subprocess.run([PROGRAM, "figure3"], check=True, capture_output=True, env=environment)

    def merge(self):
        return subprocess.run([ROOT / "scripts/functional_coverage", "--merge", self.lines, "--page", self.folder / "page.md",
                               "--xml", self.folder / "page.xml"], capture_output=True, text=True)

    def test_a_device_leaves_a_line_and_two_add_up(self):
        self.run_device()
        first = json.loads(self.lines.read_text())
        bins = first["crossings"]["bank_entries"]["bins"]
        # Figure 3: four PEs see the pointers of the columns 2, 4, 5 and 7.
        self.assertEqual(sum(bins), 4 * 4)
        self.assertEqual(sum(bins[:4]), 2 * 4)
        # All entries of these columns, and no padding among them.
        entries = first["crossings"]["run_padding_row"]["bins"]
        weights = [count for k, count in enumerate(entries) if (k // 4) % 2 == 0]
        self.assertEqual(sum(entries), sum(weights))
        self.assertEqual(sum(entries), sum(first["crossings"]["stall_column_bypass"]["bins"]))
        self.assertEqual(sum(entries), sum(first["crossings"]["saturation_bypass"]["bins"]))
        self.assertEqual(sum(first["crossings"]["batch_stall"]["bins"]), 1)
        self.run_device()
        done = self.merge()
        self.assertEqual(done.returncode, 0, done.stderr)
        tree = ElementTree.parse(self.folder / "page.xml").getroot()
        self.assertEqual(tree.tag, "UCIS")
        counts = [int(bin.find("contents").get("coverageCount"))
                  for cross in tree.iter("cross") if cross.get("name") == "bank_entries" for bin in cross.iter("crossBin")]
        self.assertEqual(counts, [2 * count for count in bins])
        page = (self.folder / "page.md").read_text()
        self.assertIn("2 devices of 1 configurations", page)
        self.assertIn("impossible", page)

    def test_what_is_said_to_be_impossible_must_not_be_hit(self):
        self.run_device()
        device = json.loads(self.lines.read_text())
        device["crossings"]["batch_stall"]["bins"][3] += 1  # only, yes, 0
        self.lines.write_text(json.dumps(device) + "\n")
        done = self.merge()
        self.assertEqual(done.returncode, 2)
        self.assertIn("is said to be impossible", done.stderr)

    def test_damaged_lines_are_refused(self):
        for text in ("", "{}\n", "{\"config\": \"x\", \"crossings\": {\"a\": {\"conditions\": {\"c\": [\"1\"]}, \"bins\": [1, 2]}}}\n", "[1\n"):
            self.lines.write_text(text)
            done = self.merge()
            self.assertEqual(done.returncode, 2, text)
            self.assertIn("expected", done.stderr)
            self.assertFalse((self.folder / "page.md").exists())

    def test_a_file_that_cannot_be_written_ends_the_program(self):
        environment = {**os.environ, "EIE_COVERED": str(self.folder / "none" / "lines")}
        done = subprocess.run([PROGRAM, "figure3"], capture_output=True, text=True, env=environment)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("EIE_COVERED", done.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop()
    unittest.main()
