#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages of `eie report` in headless Chromium: report_page_test.py EIE SOURCE_FOLDER. Status 77: there is no Chromium.

The reports are the program's own; what a page shows is held against them.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support", "browser"))
import chromium  # noqa: E402

EIE = ""
SOURCE = ""
# Text against what it stands on, as WCAG reckons it; 4.5 is level AA.
CONTRAST = """(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                       return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const below = element => { for (let e = element; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
  let worst = [99, ""];
  for (const e of document.querySelectorAll("p, li, th, td, a, caption, h1, h2, h3, figcaption, strong, summary")) {
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(below(e))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < worst[0] && e.textContent.trim() !== "" && e.id !== "tip") worst = [contrast, e.outerHTML.slice(0, 90)];
  }
  return worst;
})()"""


def eie(*arguments):
    return subprocess.run([EIE, *arguments], check=True, capture_output=True, text=True)


class ReportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        for config in ("eie64", "eie64-plus"):
            eie("bench", "--engine", "tlm", "--layers", "alex8,nt_we", "--config", config, "--json", cls.file(config + ".json"))
        eie("network", "digits", "--engine", "tlm", "--samples", "20", "--json", cls.file("digits.json"))
        points = []
        for index in range(300):
            time, area = 10 + 7 * index % 101, 5 + index % 40
            points.append({"index": index, "status": "ok", "layer": "alex7", "balance": "none", "n_pe": 2 ** (index % 8),
                           "queue_depth": index // 8, "cycles": 800 * time, "time_us": time, "energy_uj": 2000 / time + area / 10,
                           "power_mw": 1, "area_mm2": area, "load_balance": 0.9, "pareto": index < 12})
        with open(cls.file("sweep.json"), "w", encoding="utf-8") as file:
            json.dump({"schema": "eie-report/1", "version": "1.0.0", "command": "sweep", "kind": "sweep", "points": points}, file)
        for name, reports in (("one", ["digits.json"]), ("two", ["eie64.json", "eie64-plus.json"]), ("sweep", ["sweep.json"])):
            eie("report", *[cls.file(report) for report in reports], "-o", cls.file(name + ".html"))
        cls.page = chromium.Page()

    @classmethod
    def tearDownClass(cls):
        cls.page.__exit__()
        cls.folder.cleanup()

    @classmethod
    def file(cls, name):
        return os.path.join(cls.folder.name, name)

    @classmethod
    def report(cls, name):
        with open(cls.file(name), encoding="utf-8") as file:
            return json.load(file)

    def setUp(self):
        self.page.faults.clear()
        self.page.requests.clear()
        self.page.dark(False)
        self.page.size(1240, 1000)

    def tearDown(self):
        self.assertEqual(self.page.faults, [])
        self.assertEqual([url for url in self.page.requests if not url.startswith(("file:///", "data:"))], [])

    def open(self, name):
        self.page.requests.clear()
        self.page.open(self.file(name + ".html"))
        self.assertEqual({url for url in self.page.requests if not url.startswith("data:")}, {"file://" + self.file(name + ".html")})

    def tip(self):
        return self.page.js("document.getElementById('tip').hidden ? '' : document.getElementById('tip').textContent")

    def test_tables_have_the_numbers_of_the_reports(self):
        self.open("two")
        rows = self.page.js("""[...document.querySelectorAll('#layers tbody tr')].map(r => [...r.cells].map(c => c.textContent))""")
        a, b = self.report("eie64.json"), self.report("eie64-plus.json")
        self.assertEqual(len(rows), 2)
        for row, one, other in zip(rows, a["layers"], b["layers"]):
            self.assertEqual([row[0], row[1], row[3], row[7]], [one["name"], f"{one['rows']:,}", f"{one['cycles']:,}", f"{other['cycles']:,}"])
            self.assertEqual(row[9], f"{other['time_us'] / one['time_us']:.3f}")
        self.assertEqual(self.page.js("JSON.parse(document.getElementById('reports').textContent)"), [a, b])

    def test_lengths_of_bars_are_the_cycles(self):
        self.open("two")
        bars = self.page.js("""[...document.querySelectorAll('#cycles svg.bars .mark:not(.tick)')].map(m =>
          [m.getAttribute('aria-label'), Number(m.querySelector('rect').getAttribute('width'))])""")
        scale = None
        for report, config in ((self.report("eie64.json"), "eie64"), (self.report("eie64-plus.json"), "eie64-plus")):
            for layer in report["layers"]:
                mine = [width for label, width in bars if label.startswith(f"{layer['name']}, {config}: ")]
                self.assertGreater(len(mine), 3)
                scale = scale or sum(mine) / layer["cycles"]
                self.assertAlmostEqual(sum(mine) / layer["cycles"] / scale, 1, delta=0.02)
                work = [width for label, width in bars if label.startswith(f"{layer['name']}, {config}: work ")]
                self.assertAlmostEqual(work[0], scale * layer["pe_cycles"]["work"] / report["n_pe"], delta=0.3)

    def test_the_verdict_is_in_the_text(self):
        self.open("two")
        text = self.page.js("document.getElementById('verdict').innerText")
        a, b = self.report("eie64.json"), self.report("eie64-plus.json")
        self.assertIn(f"Build eie64-plus rather than eie64: it has {100 * (1 - b['time_us'] / a['time_us']):.1f} % less time", text)
        self.assertIn("look_ahead 0 and 8", text)
        self.assertIn("Not counted: what the logic of look_ahead and skip_padding in eie64-plus costs", text)

    def test_points_are_reached_by_keys(self):
        self.open("sweep")
        seen = []
        for _ in range(12):  # from the links at the top to the chart
            self.page.key("Tab")
            if self.page.js("document.activeElement.closest('svg') !== null"):
                break
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End"):
            self.assertTrue(self.tip().startswith("Point "), self.tip())
            seen.append(self.tip())
            self.page.key(key)
        seen.append(self.tip())
        self.assertEqual(seen[1], seen[3])
        self.assertEqual(len(set(seen)), 4)
        # From left to right: the first is the fastest, the last the slowest.
        times = [float(re.search(r"; ([\d.]+) us", text).group(1)) for text in seen]
        all_times = [point["time_us"] for point in self.report("sweep.json")["points"]]
        self.assertEqual([times[0], times[-1]], [min(all_times), max(all_times)])
        self.assertEqual(self.page.js("document.querySelectorAll('.scatter .mark').length"), 300)
        self.assertEqual(self.page.js("document.querySelectorAll('.scatter .mark[tabindex=\"0\"]').length"), 1)
        self.page.key("Escape")
        self.assertEqual(self.tip(), "")

    def test_the_mouse_shows_what_a_point_is(self):
        self.open("sweep")
        x, y = self.page.js("""(() => { const dot = document.querySelector('.dot.front'); dot.scrollIntoView({block: 'center'});
          const box = dot.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; })()""")
        self.page.mouse("mouseMoved", x, y)
        self.assertRegex(self.tip(), r"^Point \d+, on the front: n_pe \d+, queue_depth \d+; .* us, .* uJ, .* mm2$")
        self.page.mouse("mouseMoved", 2, 2)
        self.assertEqual(self.tip(), "")

    def test_tables_are_sorted(self):
        self.open("two")
        names = "[...document.querySelectorAll('#layers tbody th')].map(c => c.textContent)"
        self.assertEqual(self.page.js(names), ["alex8", "nt_we"])
        cycles = "document.querySelectorAll('#layers thead tr:last-child button')[3]"
        self.page.js(cycles + ".focus()")
        self.page.key("Enter")
        self.assertEqual(self.page.js(names), ["nt_we", "alex8"])
        self.assertEqual(self.page.js(cycles + ".parentElement.getAttribute('aria-sort')"), "ascending")
        self.page.key("Enter")
        self.assertEqual(self.page.js(names), ["alex8", "nt_we"])
        self.assertEqual(self.page.js("document.querySelector('#layers tfoot th').textContent"), "all")

    def test_marks_and_tables_say_what_they_are(self):
        for name in ("one", "two", "sweep"):
            self.open(name)
            self.assertEqual(self.page.js("""[...document.querySelectorAll('.mark, svg[role], [role="region"]')].filter(e =>
              !e.getAttribute('aria-label')).length"""), 0)
            self.assertEqual(self.page.js("[...document.querySelectorAll('th')].filter(e => !e.getAttribute('scope')).length"), 0)
            self.assertEqual(self.page.js("[...document.querySelectorAll('table')].filter(e => !e.caption).length"), 0)
            self.assertEqual(self.page.js("['header', 'nav', 'main', 'footer'].map(e => document.querySelectorAll(e).length)"), [1, 1, 1, 1])
            links = self.page.js("[...document.querySelectorAll('nav a')].map(a => document.querySelector(a.getAttribute('href')) !== null)")
            self.assertGreater(len(links), 0)
            self.assertTrue(all(links))

    def test_text_can_be_read_in_light_and_dark_wide_and_narrow(self):
        for dark in (False, True):
            for width in (1240, 380):
                self.page.dark(dark)
                self.page.size(width, 900)
                for name in ("one", "two", "sweep"):
                    self.open(name)
                    contrast, where = self.page.js(CONTRAST)
                    self.assertGreaterEqual(contrast, 4.5, (name, dark, where))
                    # Tables and charts scroll by themselves; the page does not.
                    self.assertLessEqual(self.page.js("document.documentElement.scrollWidth"), width, (name, width))

    def test_it_prints(self):
        self.open("two")
        self.page.printed(self.file("two.pdf"))
        with open(self.file("two.pdf"), "rb") as file:
            data = file.read()
        self.assertTrue(data.startswith(b"%PDF-"))
        self.assertGreaterEqual(len(re.findall(rb"/Type\s*/Page\b", data)), 3)

    def test_without_javascript_nothing_is_missing(self):
        self.page.call("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.page.open(self.file("two.html"), settle=False)
            shown = self.page.call("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
            text = self.page.call("DOM.getOuterHTML", {"nodeId": shown})["outerHTML"]
        finally:
            self.page.call("Emulation.setScriptExecutionDisabled", {"value": False})
        # As the file has it: every mark with its title, no button of a table.
        self.assertEqual(text.count('<g class="mark'), text.count("<title>") - 1)
        self.assertNotIn("<button", text)


if __name__ == "__main__":
    if chromium.find() is None:
        print("skipped: no Chromium; scripts/dependencies.sh has its package")
        sys.exit(77)
    EIE = os.path.abspath(sys.argv.pop(1))
    SOURCE = os.path.abspath(sys.argv.pop(1))
    os.environ["EIE_DATA_DIR"] = SOURCE
    unittest.main()
