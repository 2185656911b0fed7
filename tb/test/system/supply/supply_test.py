#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What goes out: the document of what a build is made of, its licences, the citation.   supply_test.py BUILD"""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
BUILD = ""


def sbom(*options, **environment):
    return subprocess.run([ROOT / "scripts/sbom", "--build", BUILD, *options], capture_output=True, text=True,
                          env={**os.environ, **environment})


def table():
    with open(ROOT / "scripts/licences.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]


class Sbom(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def with_table(self, change, *options):
        header, rows = table()
        path = self.folder / "licences.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *filter(None, map(change, rows))])
        return sbom("--check", "--licences", path, *options)

    def test_names_what_the_program_loads_and_what_is_in_it(self):
        done = sbom()
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["spdxVersion"], "SPDX-2.3")
        ids = {package["SPDXID"] for package in document["packages"]}
        self.assertEqual(len(ids), len(document["packages"]))
        for package in document["packages"]:
            self.assertTrue(package["versionInfo"] and package["licenseConcluded"] and package["downloadLocation"], package)
            self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
        names = {package["name"]: package for package in document["packages"]}
        self.assertEqual(names["libsystemc"]["licenseConcluded"], "Apache-2.0")
        related = {}
        for relation in document["relationships"]:
            self.assertIn(relation["relatedSpdxElement"], ids)
            related.setdefault(relation["relatedSpdxElement"], set()).add(relation["relationshipType"])
        self.assertEqual(set(related), ids)  # nothing stands there without a reason
        self.assertIn("DYNAMIC_LINK", related["SPDXRef-libyaml-cpp0.7"])
        self.assertIn("STATIC_LINK", related["SPDXRef-libhdf5-dev"])
        self.assertIn("STATIC_LINK", related["SPDXRef-nlohmann-json3-dev"])
        # Tests are no part of the program.
        self.assertFalse([name for name in names if "gtest" in name or "rapidcheck" in name])

    def test_is_the_same_each_time(self):
        a, b = (sbom(SOURCE_DATE_EPOCH="86400").stdout for _ in range(2))
        self.assertEqual(a, b)
        self.assertEqual(json.loads(a)["creationInfo"]["created"], "1970-01-02T00:00:00Z")

    def test_what_is_linked_in_needs_a_licence(self):
        done = self.with_table(lambda row: None if row[0] == "systemc" else row)
        self.assertEqual(done.returncode, 1)
        self.assertIn("systemc", done.stderr)
        self.assertIn("expected one with its licence", done.stderr)

    def test_a_licence_that_the_package_does_not_have_is_found(self):
        done = self.with_table(lambda row: [*row[:3], "Sleepycat", row[4]] if row[0] == "yaml-cpp" else row)
        self.assertEqual(done.returncode, 1)
        self.assertIn('does not say "Sleepycat"', done.stderr)

    def test_an_archive_of_what_may_only_be_loaded_is_found(self):
        done = self.with_table(lambda row: [row[0], "LGPL-2.1-or-later", "dynamic", *row[3:]] if row[0] == "hdf5" else row)
        self.assertEqual(done.returncode, 1)
        self.assertIn("hdf5: is linked in as an archive", done.stderr)

    def test_no_build_is_said(self):
        done = subprocess.run([ROOT / "scripts/sbom", "--build", self.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("expected a built program", done.stderr)

    def test_the_document_replaces_a_file_whole(self):
        path = self.folder / "eie.spdx.json"
        path.write_text("before")
        self.assertEqual(sbom("-o", path).returncode, 0)
        self.assertEqual(json.loads(path.read_text())["dataLicense"], "CC0-1.0")
        self.assertEqual([entry.name for entry in self.folder.iterdir()], [path.name])


class Release(unittest.TestCase):
    def test_citation_has_the_version_of_the_program(self):
        version = subprocess.run([Path(BUILD) / "eie", "--version"], capture_output=True, text=True).stdout.split()[-1]
        text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
        self.assertRegex(text, rf"(?m)^version: {re.escape(version)}$")
        for key in ("cff-version: 1.2.0", "message:", "title:", "authors:", "license: Apache-2.0"):
            self.assertRegex(text, rf"(?m)^{re.escape(key)}")

    def test_options_of_the_script(self):
        for options, expected in ((["--output"], "expected one"), (["--ref", "nosuch"], "expected a commit"), (["--x"], "--help")):
            done = subprocess.run([ROOT / "scripts/release", *options], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn(expected, done.stderr)


if __name__ == "__main__":
    BUILD = sys.argv.pop()
    unittest.main()
