#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of --timeline in headless Chromium: timeline_page_test.py EIE. Status 77: there is no Chromium.

What the page shows of the paper's Figure 2 is held against values that are computed here, from the figure alone.
"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support", "browser"))
import chromium  # noqa: E402

EIE = ""
PES = 4
ROWS = [[0, 2, 4, 5, 6], [1, 3, 6], [2, 4, 7], [1, 5], [1, 4], [3, 7], [4, 6], [0, 3, 6], [0, 7], [0, 6, 7], [4], [2, 7],
        [0, 2, 5, 7], [0, 1, 6], [2, 3, 4, 5], [2, 3, 5]]
INPUT = [0, 0, 5, 0, -7, 2, 0, 9]


def weights():
    """The non-zero weights take the 15 codes in turn, row by row; (row, column) -> code, and what the codes stand for."""
    codes = {}
    code = 0
    for i, columns in enumerate(ROWS):
        for j in columns:
            code = code % 15 + 1
            codes[i, j] = code
    return codes, [0] + [3 * (c - 8) + 1 for c in range(1, 16)]


def sums_of_pe(pe):
    """What PE `pe` multiplies and adds, in its order: (row, code, weight, activation, before, after)."""
    codes, book = weights()
    sums = dict.fromkeys(range(pe, 16, PES), 0)
    steps = []
    for j, a in enumerate(INPUT):
        for i in sums:
            if a != 0 and (i, j) in codes:
                weight = book[codes[i, j]]
                steps.append((i, codes[i, j], weight, a, sums[i], sums[i] + weight * a))
                sums[i] += weight * a
    return steps


class TimelinePage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.file = os.path.join(cls.folder.name, "figure2.html")
        subprocess.run([EIE, "figure3", "--timeline", cls.file], check=True, stdout=subprocess.DEVNULL)
        cls.page = chromium.Page()

    @classmethod
    def tearDownClass(cls):
        cls.page.__exit__()
        cls.folder.cleanup()

    def setUp(self):
        self.page.faults.clear()
        self.page.requests.clear()
        self.page.open(self.file)

    def tearDown(self):
        self.assertEqual(self.page.faults, [])
        self.assertEqual([url for url in self.page.requests if not url.startswith(("file:///", "data:"))], [])
        self.assertEqual(len({url for url in self.page.requests if url.startswith("file:///")}), 1)

    def text(self, name):
        return self.page.js(f"document.getElementById('{name}').textContent")

    def focus(self):
        self.page.js("document.getElementById('lanes').focus()")

    def broadcast_of(self, column):
        return self.page.js(f"run.broadcasts.find(b => b.column === {column}).cycle")

    def place(self, cycle, pe):
        """Where a cycle of a PE is on the screen."""
        return self.page.js(f"""(() => {{
          const box = document.getElementById('lanes').getBoundingClientRect();
          return [box.left + lanes.xOf({cycle} + 0.5), box.top + lanes.laneTop({pe}) + lanes.lane / 2];
        }})()""")

    def test_every_cycle_of_every_pe_has_one_reason(self):
        cycles = self.page.js("run.cycles")
        report = subprocess.run([EIE, "figure3", "--json", "-"], check=True, capture_output=True, text=True)
        self.assertIn(f'"cycles": {cycles}', report.stdout)
        self.assertEqual(self.page.js("run.totals.reduce((a, b) => a + b)"), PES * cycles)
        self.assertEqual(self.page.js("run.totals[0] + run.totals[1]"), sum(len(sums_of_pe(p)) for p in range(PES)))
        self.assertEqual(self.page.js("run.broadcasts.map(b => [b.column, b.value])"),
                         [[j, a] for j, a in enumerate(INPUT) if a != 0])

    def test_search_finds_a_column_and_marks_its_work(self):
        codes, _ = weights()
        self.focus()
        self.page.key("/")
        self.page.type("4")
        self.page.key("Enter")
        pes = {i % PES for i, j in codes if j == 4}
        entries = len([1 for _, j in codes if j == 4])
        self.assertEqual(self.text("search-result"), f"Column 4 is broadcast in cycle {self.broadcast_of(4)}; {len(pes)} PEs "
                         f"of 4 have entries of it, {entries} PE cycles in all.")
        marked = self.page.js("lanes.marked.spans.map(s => s.length > 0 && s[2] === 0)")
        self.assertEqual(marked, [p in pes for p in range(PES)])
        self.assertEqual(self.page.js("lanes.cursor.cycle"), self.broadcast_of(4))

    def test_search_says_why_a_column_is_not_there(self):
        for column, answer in (("3", "Column 3 is not broadcast: its activation is 0."),
                               ("8", "No launch has a column 8."), ("x", "A column is a whole number from 0 on.")):
            self.page.js(f"search('{column}')")
            self.assertEqual(self.text("search-result"), answer)

    def test_zoom_by_keys_reaches_single_cycles_and_the_whole_run(self):
        self.focus()
        for _ in range(12):
            self.page.key("+")
        self.assertLessEqual(self.page.js("lanes.to - lanes.from"), 4.01)
        self.assertGreater(self.page.js("lanes.pixelsPerCycle()"), 200)
        self.page.key("0")
        self.assertEqual(self.page.js("[lanes.from, lanes.to]"), [0, self.page.js("run.cycles")])
        self.page.key("1")
        self.assertGreaterEqual(self.page.js("lanes.pixelsPerCycle()"), 24)

    def test_wheel_zooms_around_the_mouse(self):
        x, y = self.place(20, 1)
        self.page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-300)
        self.assertLess(self.page.js("lanes.to - lanes.from"), self.page.js("run.cycles") * 0.7)
        self.assertEqual(self.page.js(f"Math.floor(lanes.cycleAt({x} - document.getElementById('lanes')"
                                      ".getBoundingClientRect().left))"), 20)

    def test_tooltip_says_cycle_pe_reason_and_column(self):
        column = next(j for j, a in enumerate(INPUT) if a != 0)
        working = next(p for p in range(PES) if (p, column) in weights()[0] or
                       any((i, column) in weights()[0] for i in range(p, 16, PES)))
        cycle = self.broadcast_of(column) + 3  # accepted in the next cycle, its address out in the one after
        self.page.mouse("mouseMoved", *self.place(cycle, working))
        text = self.text("tooltip")
        self.assertTrue(text.startswith(f"Cycle {cycle} "), text)
        self.assertIn(f"PE {working}: works on column {column}", text)

    def test_arrow_keys_move_the_cursor_and_the_status_tells(self):
        self.focus()
        before = self.page.js("lanes.cursor.cycle")
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown", "ArrowDown", "ArrowUp"):
            self.page.key(key)
        self.assertEqual(self.page.js("lanes.cursor"), {"cycle": before + 1, "pe": 1})
        self.assertTrue(self.text("status").startswith(f"Cycle {before + 1} "))
        self.assertIn("PE 1:", self.text("status"))
        self.page.key("b")
        self.assertEqual(self.page.js("lanes.cursor.cycle"), self.broadcast_of(5) if before + 1 == self.broadcast_of(4)
                         else self.page.js(f"run.broadcasts.find(b => b.cycle > {before + 1}).cycle"))

    def test_player_shows_the_sums_of_figure_2(self):
        cycles = self.page.js("run.cycles")
        self.assertEqual(self.page.js("player.wires.cycles"), cycles)
        for pe in range(PES):
            seen = self.page.js(f"""(() => {{
              const seen = {{codes: [], products: [], adds: [], writes: []}};
              const text = id => document.getElementById(id).textContent;
              for (let c = 0; c < {cycles}; ++c) {{
                player.show(c, {pe});
                const s = player.state();
                if (s.valid && s.code !== 0) seen.codes.push([player.globalRow(s.row), s.code, s.weight]);
                for (const [id, list] of [['t-multiply', 'products'], ['t-add', 'adds'], ['t-write', 'writes']]) {{
                  if (text(id) !== '') seen[list].push(text(id));
                }}
              }}
              return seen;
            }})()""")
            steps = sums_of_pe(pe)
            self.assertEqual(seen["codes"], [[i, code, weight] for i, code, weight, _, _, _ in steps])
            self.assertEqual(seen["products"], [f"{w} × {a} = {w * a}" for _, _, w, a, _, _ in steps])
            self.assertEqual(seen["adds"], [f"{b} + {w * a} = {after}" for _, _, w, a, b, after in steps])
            self.assertEqual(seen["writes"], [f"b{i} := {after}" for i, _, _, _, _, after in steps])

    def test_player_shows_pointers_and_the_selected_entry(self):
        codes, _ = weights()
        for pe in range(PES):
            pointers = [0]
            for j in range(8):
                pointers.append(pointers[-1] + len([i for i in range(pe, 16, PES) if (i, j) in codes]))
            seen = self.page.js(f"""(() => {{
              const seen = [];
              for (let c = 0; c < run.cycles; ++c) {{
                player.show(c, {pe});
                const s = player.state();
                if (s.fresh) seen.push(['n-first', 't-first', 't-second'].map(id => document.getElementById(id).textContent));
              }}
              return seen;
            }})()""")
            if pe == 0:
                self.assertEqual(pointers, [0, 3, 4, 6, 6, 8, 10, 11, 13])  # the paper's Figure 3
            self.assertEqual(seen, [[f"p[{j}]", str(pointers[j]), str(pointers[j + 1])] for j in (2, 4, 5, 7)])

    def test_player_steps_plays_and_goes_back(self):
        self.page.js("setCursor(0, 0)")
        self.page.js("document.getElementById('player-step').click()")
        self.assertEqual(self.page.js("[player.cycle, lanes.cursor.cycle]"), [1, 1])
        self.page.js("document.getElementById('player-back').click()")
        self.assertEqual(self.page.js("player.cycle"), 0)
        self.focus()
        self.page.js("document.getElementById('player-speed').value = '250'")
        self.page.key(" ")
        self.assertEqual(self.text("player-play"), "Pause")
        self.page.js("new Promise(f => { const t = setInterval(() => { if (player.cycle >= 2) { clearInterval(t); f(0); } }, 20); })")
        self.page.key(" ")
        self.assertEqual(self.text("player-play"), "Play")
        self.assertTrue(self.text("sentence").startswith(f"Cycle {self.page.js('player.cycle')}, PE 0: "))

    def test_queue_levels_are_those_of_the_wires(self):
        self.assertEqual(self.page.js("""(() => {
          for (let p = 0; p < run.lanes.length; ++p) {
            for (let c = 0; c < run.cycles; ++c) {
              const wire = player.wires.get(`pe_${p}.act_queue.count_`, c);
              if (levelAt(run.lanes[p], c) !== wire) return `PE ${p}, cycle ${c}: ${levelAt(run.lanes[p], c)}, wire ${wire}`;
            }
          }
          return '';
        })()"""), "")

    def test_every_control_has_a_name(self):
        nameless = self.page.js("""[...document.querySelectorAll('button, select, input, canvas, svg')].filter(e =>
          e.getAttribute('aria-hidden') !== 'true' && !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') ||
          (e.labels && e.labels.length > 0) || e.textContent.trim())).map(e => e.outerHTML.slice(0, 80))""")
        self.assertEqual(nameless, [])

    def test_thirty_thousand_cycles_of_64_pes_are_drawn(self):
        file = os.path.join(self.folder.name, "big.html")
        subprocess.run([EIE, "bench", "--engine", "tlm", "--layers", "alex6,vgg6", "--timeline", file], check=True,
                       stdout=subprocess.DEVNULL, timeout=250)
        with chromium.Page() as page:
            page.open(file)
            self.assertGreaterEqual(page.js("run.cycles"), 30000)
            self.assertEqual(page.js("run.lanes.length"), 64)
            self.assertEqual(page.js("run.totals.reduce((a, b) => a + b)"), 64 * page.js("run.cycles"))
            self.assertIn("engine tlm", page.js("document.getElementById('player-note').textContent"))
            times = page.js("measureFrames()")
            self.assertEqual(page.faults, [])
        print(f"{os.path.getsize(file) / 1e6:.1f} MB of page; milliseconds: " + str(times), file=sys.stderr)


if __name__ == "__main__":
    if chromium.find() is None:
        print("skipped: no Chromium; scripts/dependencies.sh has its package")
        sys.exit(77)
    EIE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
