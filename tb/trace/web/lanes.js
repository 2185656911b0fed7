// SPDX-License-Identifier: Apache-2.0
// Draws the timeline on a canvas: rulers, launches, CCU states, broadcasts and stalls, then a lane per PE.
//
// From a few pixels a cycle on, intervals are drawn one by one, with patterns and labels. Below that every pixel column of a
// lane is a stack of the shares of its cycles, taken from the pyramid of data.js, so that the picture costs the same
// whatever the length of the run.

const kReasonNames = ["work", "padding", "empty column", "held", "no candidate", "fill", "drain", "transfer"];
const kReasonTexts = [
  "an entry arrives at the arithmetic unit",
  "an entry arrives that only moves the row: its code is 0",
  "a broadcast column has no entry in this PE, and reading its pointers took the slot",
  "nothing to do: the next broadcast waits until a full queue has room",
  "nothing to do: the tree has no candidate ready",
  "the batch's first broadcast is not here yet",
  "this PE is done with the batch, others are not",
  "activations or sums move between registers and SRAM",
];
// Okabe and Ito's colours, lightened or darkened so that they differ in lightness too.
const kPalettes = {
  light: {
    reasons: ["#0072b2", "#8cc7ee", "#f0d84a", "#d55e00", "#cc79a7", "#d7d9dd", "#a9adb6", "#1f9e78"],
    inks: ["#ffffff", "#08344f", "#4a3f00", "#ffffff", "#3c0a26", "#4a4d55", "#24262b", "#ffffff"],
    paper: "#ffffff", ink: "#1b1d22", quiet: "#6b7078", line: "#d5d8de", band: "#f3f4f7", queue: [88, 45, 140],
    mark: "#b3005e", states: ["#e7e9ee", "#cfd5df"], launch: ["#dfe7f2", "#c9d6ea"], broadcast: "#0072b2", stall: "#d55e00",
  },
  dark: {
    reasons: ["#3d9bdc", "#b9def5", "#e8cf45", "#f0762a", "#d98bb8", "#3a3e47", "#5d636f", "#2fb58c"],
    inks: ["#04131f", "#08344f", "#3a3200", "#241000", "#33091f", "#c9ccd3", "#f0f1f4", "#03170f"],
    paper: "#14161a", ink: "#eceef2", quiet: "#9aa0ab", line: "#343842", band: "#1c1f25", queue: [196, 160, 255],
    mark: "#ff6fb0", states: ["#262a32", "#343a45"], launch: ["#22303f", "#2c4056"], broadcast: "#3d9bdc", stall: "#f0762a",
  },
};

// Rows above the PEs: name and height.
const kRows = [["cycle", 22], ["launch", 17], ["batch", 17], ["CCU", 17], ["broadcast", 19], ["stall", 17]];
const kTop = kRows.reduce((sum, row) => sum + row[1], 0) + 4;
const kGutter = 66;
const kBars = 4;  // from this many pixels a cycle on intervals are drawn one by one
const kFont = "11px system-ui, sans-serif";

function rgba(hex) {
  const value = parseInt(hex.slice(1), 16);
  return 0xff000000 | (value & 255) << 16 | (value >> 8 & 255) << 8 | value >> 16;
}

class Lanes {
  constructor(canvas, header, run) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", {alpha: false});
    this.header = header;
    this.run = run;
    this.pyramid = buildPyramid(run);
    this.from = 0;  // first cycle in view, a fraction
    this.to = Math.max(1, run.cycles);
    this.scroll = 0;
    this.cursor = {cycle: 0, pe: 0};
    this.marked = null;  // column that is searched for: {column, spans: [per PE: [start, end, ...]], broadcasts}
    this.setTheme("light");
  }

  setTheme(name) {
    this.palette = kPalettes[name];
    this.words = this.palette.reasons.map(rgba).map((word) => word >>> 0);
    this.patterns = this.palette.reasons.map((colour, reason) => this.makePattern(colour, this.palette.inks[reason], reason));
  }

  /** A tile a reason, so that colours are not all that tells them apart. */
  makePattern(colour, ink, reason) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const c = tile.getContext("2d");
    c.fillStyle = colour;
    c.fillRect(0, 0, 8, 8);
    c.strokeStyle = c.fillStyle = ink;
    c.globalAlpha = 0.34;
    c.lineWidth = 1.4;
    c.beginPath();
    if (reason === kPadding) { c.fillRect(1, 1, 2, 2); c.fillRect(5, 5, 2, 2); }
    if (reason === kEmpty) { c.moveTo(0, 2); c.lineTo(8, 2); c.moveTo(0, 6); c.lineTo(8, 6); }
    if (reason === kHeld) { for (const x of [-8, 0, 8]) { c.moveTo(x, 8); c.lineTo(x + 8, 0); } }
    if (reason === kNoCandidate) { c.moveTo(0, 0); c.lineTo(8, 8); c.moveTo(8, 0); c.lineTo(0, 8); }
    if (reason === kDrain) { for (const x of [-8, 0, 8]) { c.moveTo(x, 0); c.lineTo(x + 8, 8); } }
    if (reason === kTransfer) { c.moveTo(2, 0); c.lineTo(2, 8); c.moveTo(6, 0); c.lineTo(6, 8); }
    c.stroke();
    return this.context.createPattern(tile, "repeat");
  }

  resize(width, height) {
    this.scale = Math.min(2, window.devicePixelRatio || 1);
    this.width = width;
    const pes = this.run.lanes.length;
    this.lane = Math.max(9, Math.min(36, Math.floor((height - kTop) / pes)));
    this.height = Math.min(height, kTop + this.lane * pes);
    this.canvas.width = Math.round(width * this.scale);
    this.canvas.height = Math.round(this.height * this.scale);
    this.canvas.style.height = this.height + "px";
    this.plot = width - kGutter;
    this.image = null;
    this.clampScroll();
  }
  clampScroll() {
    const most = Math.max(0, this.run.lanes.length * this.lane - (this.height - kTop));
    this.scroll = Math.max(0, Math.min(most, this.scroll));
  }

  pixelsPerCycle() { return this.plot / (this.to - this.from); }
  xOf(cycle) { return kGutter + (cycle - this.from) * this.pixelsPerCycle(); }
  cycleAt(x) { return this.from + (x - kGutter) / this.pixelsPerCycle(); }
  peAt(y) {
    if (y < kTop) return -1;
    const pe = Math.floor((y - kTop + this.scroll) / this.lane);
    return pe < this.run.lanes.length ? pe : -1;
  }
  /** What lies at a height: a PE, or the name of a row above. */
  rowAt(y) {
    let top = 0;
    for (const [name, height] of kRows) {
      if (y < top + height) return name;
      top += height;
    }
    return "";
  }

  draw() {
    const c = this.context;
    c.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    c.fillStyle = this.palette.paper;
    c.fillRect(0, 0, this.width, this.height);
    c.font = kFont;
    c.textBaseline = "middle";
    c.save();
    c.beginPath();
    c.rect(0, kTop, this.width, this.height - kTop);
    c.clip();
    if (this.pixelsPerCycle() >= kBars) this.drawBars();
    else this.drawShares();
    this.drawPlaces();
    this.drawMarks();
    this.drawNames();
    c.restore();
    c.save();
    c.beginPath();
    c.rect(kGutter, 0, this.plot, this.height);
    c.clip();
    this.drawTop();
    this.drawBoundaries();
    this.drawCursor();
    c.restore();
    this.drawRowNames();
  }

  visibleLanes() {
    const first = Math.floor(this.scroll / this.lane);
    const last = Math.min(this.run.lanes.length - 1, Math.floor((this.scroll + this.height - kTop) / this.lane));
    return [first, last];
  }
  laneTop(p) { return kTop + p * this.lane - this.scroll; }
  queueHeight() { return Math.max(3, Math.round(this.lane * 0.28)); }

  drawBars() {
    const c = this.context;
    const scale = this.pixelsPerCycle();
    const gap = scale >= 7 ? 1 : 0;
    const strip = this.queueHeight();
    const bar = this.lane - strip - (this.lane >= 14 ? 3 : 2);
    const [first, last] = this.visibleLanes();
    for (let p = first; p <= last; ++p) {
      const lane = this.run.lanes[p];
      const top = this.laneTop(p) + 1;
      for (let i = Math.max(0, lastNotAfter(lane.start, this.from, lane.count)); i < lane.count && lane.start[i] < this.to; ++i) {
        const left = Math.max(kGutter - 2, this.xOf(lane.start[i]));
        const right = Math.min(this.width + 2, this.xOf(lane.start[i + 1]));
        c.fillStyle = scale >= 7 ? this.patterns[lane.reason[i]] : this.palette.reasons[lane.reason[i]];
        c.fillRect(left, top, right - left - gap, bar);
        if (bar >= 9) this.label(lane, i, Math.max(left, kGutter), right - gap, top + bar / 2);
      }
      this.drawQueueBars(lane, top + bar + (this.lane >= 14 ? 1 : 0), strip);
    }
    if (scale >= 24) this.drawGrid();
  }

  label(lane, i, left, right, middle) {
    const room = right - left - 6;
    if (room < 12) return;
    const reason = lane.reason[i];
    const column = lane.column[i];
    let texts = [kReasonNames[reason]];
    if (reason <= kEmpty) texts = [`${kReasonNames[reason]} ${column}`, `${column}`];
    if (reason === kHeld) texts = [`held by PE ${lane.held[i]}, column ${column} waits`, `held by ${lane.held[i]}`, `${lane.held[i]}`];
    const c = this.context;
    const text = texts.find((t) => c.measureText(t).width <= room);
    if (text === undefined) return;
    const width = c.measureText(text).width;
    c.fillStyle = this.palette.reasons[reason];
    c.fillRect(left + 2, middle - 6, width + 3, 12);
    c.fillStyle = this.palette.inks[reason];
    c.fillText(text, left + 3, middle + 0.5);
  }

  drawQueueBars(lane, top, strip) {
    const c = this.context;
    const [r, g, b] = this.palette.queue;
    const depth = this.header.queue_depth;
    for (let i = Math.max(0, lastNotAfter(lane.levelStart, this.from, lane.levels)); i < lane.levels; ++i) {
      if (lane.levelStart[i] >= this.to) break;
      const level = lane.level[i];
      if (level === 0) continue;
      const left = Math.max(kGutter - 2, this.xOf(lane.levelStart[i]));
      const right = this.xOf(i + 1 < lane.levels ? lane.levelStart[i + 1] : this.run.cycles);
      const share = Math.min(1, level / depth);
      const height = strip >= 6 ? Math.max(1, share * strip) : strip;
      c.fillStyle = share >= 1 ? this.palette.stall : `rgba(${r},${g},${b},${0.25 + 0.65 * share})`;
      c.fillRect(left, top + strip - height, right - left, height);
    }
  }

  drawGrid() {
    const c = this.context;
    c.strokeStyle = this.palette.line;
    c.lineWidth = 1;
    c.beginPath();
    for (let cycle = Math.ceil(this.from); cycle <= this.to; ++cycle) {
      const x = Math.round(this.xOf(cycle)) - 0.5;
      c.moveTo(x, kTop);
      c.lineTo(x, this.height);
    }
    c.stroke();
  }

  /** Every pixel column of a lane as a stack of shares; written as pixels, since there are a hundred thousand. */
  drawShares() {
    const width = Math.max(1, Math.round(this.plot));
    const [first, last] = this.visibleLanes();
    const rows = (last - first + 1) * this.lane;
    if (this.image === null || this.image.width !== width || this.image.height !== rows) {
      this.image = new ImageData(width, rows);
      this.buffer = document.createElement("canvas");
      this.buffer.width = width;
      this.buffer.height = rows;
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.counts = new Float32Array(width * kReasons);
      this.queues = new Float32Array(width);
    }
    this.pixels.fill(rgba(this.palette.paper) >>> 0);
    const step = (this.to - this.from) / width;
    let level = null;
    for (const candidate of this.pyramid) if (candidate.size <= step) level = candidate;
    for (let p = first; p <= last; ++p) {
      this.counts.fill(0);
      this.queues.fill(0);
      if (level === null) this.countIntervals(p, width, step);
      else this.countBins(level, p, width, step);
      this.paintLane((p - first) * this.lane, width, step);
    }
    this.buffer.getContext("2d").putImageData(this.image, 0, 0);
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(this.buffer, kGutter, this.laneTop(first), this.plot, rows);
  }

  countIntervals(p, width, step) {
    const lane = this.run.lanes[p];
    for (let i = Math.max(0, lastNotAfter(lane.start, this.from, lane.count)); i < lane.count; ++i) {
      if (lane.start[i] >= this.to) break;
      let from = Math.max(0, (lane.start[i] - this.from) / step);
      const to = Math.min(width, (lane.start[i + 1] - this.from) / step);
      while (from < to) {
        const x = Math.floor(from);
        const stop = Math.min(to, x + 1);
        this.counts[x * kReasons + lane.reason[i]] += stop - from;
        from = stop;
      }
    }
    for (let i = Math.max(0, lastNotAfter(lane.levelStart, this.from, lane.levels)); i < lane.levels; ++i) {
      if (lane.levelStart[i] >= this.to) break;
      const end = i + 1 < lane.levels ? lane.levelStart[i + 1] : this.run.cycles;
      const last = Math.min(width - 1, Math.ceil((end - this.from) / step) - 1);
      for (let x = Math.max(0, Math.floor((lane.levelStart[i] - this.from) / step)); x <= last; ++x) {
        if (lane.level[i] > this.queues[x]) this.queues[x] = lane.level[i];
      }
    }
  }

  countBins(level, p, width, step) {
    const shares = level.shares[p];
    const queue = level.queue[p];
    for (let x = 0; x < width; ++x) {
      const begin = Math.floor((this.from + x * step) / level.size);
      const end = Math.min(level.bins, Math.max(begin + 1, Math.floor((this.from + (x + 1) * step) / level.size)));
      for (let bin = Math.max(0, begin); bin < end; ++bin) {
        for (let r = 0; r < kReasons; ++r) this.counts[x * kReasons + r] += shares[bin * kReasons + r];
        if (queue[bin] > this.queues[x]) this.queues[x] = queue[bin];
      }
    }
  }

  paintLane(top, width) {
    const strip = this.queueHeight();
    const height = this.lane - strip - 1;
    const pixels = this.pixels;
    const counts = this.counts;
    const depth = this.header.queue_depth;
    const [r, g, b] = this.palette.queue;
    const paper = parseInt(this.palette.paper.slice(1), 16);
    const full = rgba(this.palette.stall) >>> 0;
    const mix = (channel, under, share) => Math.round(channel * share + under * (1 - share));
    const tones = [];
    for (let level = 0; level <= depth; ++level) {
      const share = level === 0 ? 0 : 0.2 + 0.7 * level / depth;
      tones.push(level >= depth ? full : (0xff000000 | mix(b, paper & 255, share) << 16 | mix(g, paper >> 8 & 255, share) << 8 |
        mix(r, paper >> 16, share)) >>> 0);
    }
    for (let x = 0; x < width; ++x) {
      let sum = 0;
      for (let k = 0; k < kReasons; ++k) sum += counts[x * kReasons + k];
      if (sum <= 0) continue;
      let at = top * width + x;
      let part = 0;
      let y = 0;
      for (let k = kReasons - 1; k >= 0; --k) {  // work at the bottom
        part += counts[x * kReasons + k];
        const until = Math.round(part / sum * height);
        for (; y < until; ++y, at += width) pixels[at] = this.words[k];
      }
      const tone = tones[Math.min(depth, this.queues[x])];
      for (let k = 0; k < strip; ++k, at += width) pixels[at] = tone;
    }
  }
}
