// SPDX-License-Identifier: Apache-2.0
// What the timeline shows beside the lanes' colours: names, rows of the control unit, stalls and their culprits, the column
// that is searched for, the cursor.

/** 1, 2 or 5 times a power of ten, at least `least`. */
function roundStep(least) {
  let power = 1;
  while (power * 10 <= least) power *= 10;
  for (const factor of [1, 2, 5, 10]) if (factor * power >= least) return factor * power;
  return 10 * power;
}

Object.assign(Lanes.prototype, {
  drawNames() {
    const c = this.context;
    const [first, last] = this.visibleLanes();
    c.fillStyle = this.palette.paper;
    c.fillRect(0, kTop, kGutter - 1, this.height - kTop);
    c.textAlign = "right";
    const every = Math.ceil(11 / this.lane);
    for (let p = first; p <= last; ++p) {
      if (p % every !== 0 && p !== this.cursor.pe) continue;
      c.fillStyle = p === this.cursor.pe ? this.palette.mark : this.palette.ink;
      c.font = (p === this.cursor.pe ? "bold " : "") + (this.lane < 12 ? "9px system-ui, sans-serif" : kFont);
      c.fillText(`PE ${p}`, kGutter - 8, this.laneTop(p) + this.lane / 2);
    }
    c.font = kFont;
    c.textAlign = "left";
  },

  drawRowNames() {
    const c = this.context;
    c.fillStyle = this.palette.paper;
    c.fillRect(0, 0, kGutter - 1, kTop);
    c.textAlign = "right";
    c.fillStyle = this.palette.quiet;
    let top = 0;
    for (const [name, height] of kRows) {
      c.fillText(name, kGutter - 8, top + height / 2);
      top += height;
    }
    c.textAlign = "left";
    c.fillStyle = this.palette.line;
    c.fillRect(0, kTop - 2, this.width, 1);
    c.fillRect(kGutter - 1, 0, 1, this.height);
  },

  drawTop() {
    const c = this.context;
    c.fillStyle = this.palette.band;
    c.fillRect(kGutter, 0, this.plot, kTop - 2);
    let top = 0;
    const draw = [this.drawRuler, this.drawLaunches, this.drawBatches, this.drawStates, this.drawBroadcasts, this.drawStalls];
    kRows.forEach(([, height], k) => {
      draw[k].call(this, top, height);
      top += height;
    });
  },

  drawRuler(top, height) {
    const c = this.context;
    const scale = this.pixelsPerCycle();
    const step = roundStep(Math.max(1, 70 / scale));
    c.fillStyle = this.palette.ink;
    c.textAlign = scale >= 24 ? "center" : "left";
    const shift = scale >= 24 ? scale / 2 : 3;
    for (let cycle = Math.ceil(this.from / step) * step; cycle < this.to; cycle += step) {
      const x = this.xOf(cycle);
      c.fillRect(Math.round(x), top + height - 6, 1, 6);
      c.fillText(String(cycle), x + shift, top + height / 2 - 1);
    }
    c.textAlign = "left";
  },

  /** Boxes of a row with names in them; below a pixel they are drawn as one. */
  drawSpans(spans, top, height, colourOf, textsOf) {
    const c = this.context;
    let filled = -1;
    for (let i = Math.max(0, lastBefore(spans, this.from, "start")); i < spans.length && spans[i].start < this.to; ++i) {
      const left = Math.max(kGutter, this.xOf(spans[i].start));
      const right = Math.min(this.width, Math.max(this.xOf(spans[i].end), left + 1));
      if (right <= filled + 0.5) continue;
      filled = right;
      c.fillStyle = colourOf(spans[i], i);
      c.fillRect(left, top + 1, right - left - (right - left > 3 ? 1 : 0), height - 2);
      if (right - left < 14) continue;
      const text = textsOf(spans[i]).find((t) => c.measureText(t).width <= right - left - 6);
      if (text === undefined) continue;
      c.fillStyle = this.palette.ink;
      c.fillText(text, left + 3, top + height / 2 + 0.5);
    }
  },

  /** Shorter than pixels: how much of each pixel column is covered, as depth of colour. */
  drawDensity(list, top, height, colour, startOf, endOf) {
    const c = this.context;
    const width = Math.ceil(this.plot);
    const scale = this.pixelsPerCycle();
    const covered = new Float32Array(width + 1);
    for (let i = 0; i < list.length; ++i) {
      const end = (endOf(list[i]) - this.from) * scale;
      if (end <= 0) continue;
      let from = Math.max(0, (startOf(list[i]) - this.from) * scale);
      if (from >= width) break;
      while (from < end && from < width) {
        const x = Math.floor(from);
        const stop = Math.min(end, x + 1);
        covered[x] += stop - from;
        from = stop;
      }
    }
    c.fillStyle = colour;
    for (let x = 0; x < width; ++x) {
      if (covered[x] === 0) continue;
      c.globalAlpha = Math.min(1, 0.15 + 0.85 * covered[x]);
      c.fillRect(kGutter + x, top, 1, height);
    }
    c.globalAlpha = 1;
  },

  drawLaunches(top, height) {
    this.drawSpans(this.run.launches, top, height, (launch) => this.palette.launch[launch.launch % 2], (launch) => [
      `launch ${launch.launch}: ${launch.layer}, sample ${launch.sample}, ${rowsText(launch)}`, `launch ${launch.launch}: ${launch.layer}`, `${launch.launch}`]);
  },
  drawBatches(top, height) {
    this.drawSpans(this.run.batches, top, height, (batch) => this.palette.launch[batch.number % 2], (batch) => [
      `batch ${batch.number}: columns ${batch.firstColumn} to ${batch.firstColumn + batch.columns - 1}`,
      `batch ${batch.number}`, `${batch.number}`]);
  },
  drawStates(top, height) {
    this.drawSpans(this.run.states, top, height, (state) => this.palette.states[state.state % 2],
      (state) => [this.header.states[state.state], this.header.states[state.state][0]]);
  },

  drawBroadcasts(top, height) {
    const c = this.context;
    const list = this.run.broadcasts;
    const scale = this.pixelsPerCycle();
    if (scale < 1) {
      this.drawDensity(list, top + 2, height - 4, this.palette.broadcast, (b) => b.cycle, (b) => b.cycle + 1);
      return;
    }
    let filled = -1;
    for (let i = Math.max(0, lastBefore(list, this.from, "cycle")); i < list.length && list[i].cycle < this.to; ++i) {
      const x = this.xOf(list[i].cycle);
      const width = Math.max(1, scale - (scale >= 4 ? 1 : 0));
      if (x + width <= filled + 0.5) continue;
      filled = x + width;
      const marked = this.marked !== null && list[i].column === this.marked.column;
      c.fillStyle = marked ? this.palette.mark : this.palette.broadcast;
      c.fillRect(x, top + 2, width, height - 4);
      const text = String(list[i].column);
      if (width < 16 || c.measureText(text).width > width - 2) continue;
      c.fillStyle = marked ? this.palette.paper : this.palette.inks[0];
      c.fillText(text, x + (width - c.measureText(text).width) / 2, top + height / 2 + 0.5);
    }
  },

  drawStalls(top, height) {
    const c = this.context;
    const list = this.run.stalls;
    if (this.pixelsPerCycle() < 1) {
      this.drawDensity(list, top + 1, height - 2, this.palette.stall, (stall) => stall.start, (stall) => stall.end);
    } else {
      this.drawSpans(list, top, height, () => this.palette.stall, (stall) => [
        `${stall.column} waits for PE ${stall.pes.join(", ")}`, `PE ${stall.pes.join(", ")}`, `${stall.pes[0]}`]);
    }
    // In the lane of each PE whose queue is full: a rule above its colours.
    const [first, last] = this.visibleLanes();
    c.fillStyle = this.palette.mark;
    const done = new Map();
    for (let i = Math.max(0, lastBefore(list, this.from, "start")); i < list.length && list[i].start < this.to; ++i) {
      const left = this.xOf(list[i].start);
      const right = Math.max(this.xOf(list[i].end), left + 1);
      for (const pe of list[i].pes) {
        if (pe < first || pe > last || right <= (done.get(pe) ?? -1) + 0.5) continue;
        done.set(pe, right);
        const y = this.laneTop(pe);
        if (y < kTop - 1) continue;
        c.fillRect(left, y, right - left, this.lane >= 14 ? 2.5 : 1.5);
      }
    }
  },

  /** Clamped sums and dropped writes. */
  drawPlaces() {
    const c = this.context;
    for (const place of this.run.places) {
      if (place.cycle < this.from - 1 || place.cycle > this.to) continue;
      const x = this.xOf(place.cycle + 0.5);
      const y = this.laneTop(place.pe) + 1;
      c.fillStyle = place.kind === "error" ? this.palette.mark : this.palette.ink;
      c.beginPath();
      c.moveTo(x - 5, y);
      c.lineTo(x + 5, y);
      c.lineTo(x, y + 8);
      c.fill();
    }
  },

  drawBoundaries() {
    const c = this.context;
    if (this.run.launches.length > 1 && this.run.launches.length * 3 < this.plot * this.run.cycles / (this.to - this.from)) {
      c.fillStyle = this.palette.ink;
      for (const launch of this.run.launches) {
        const x = this.xOf(launch.start);
        if (x > kGutter && x < this.width) c.fillRect(Math.round(x) - 1, 22, 1.5, this.height - 22);
      }
    }
    c.fillStyle = this.palette.quiet;
    for (const batch of this.run.batches) {
      const x = this.xOf(batch.start);
      if (batch.number > 1 && x > kGutter && x < this.width) c.fillRect(Math.round(x) - 1, 39, 1, this.height - 39);
    }
  },

  drawMarks() {
    if (this.marked === null) return;
    const c = this.context;
    const [first, last] = this.visibleLanes();
    c.fillStyle = this.palette.paper;
    c.globalAlpha = 0.62;
    c.fillRect(kGutter, kTop, this.plot, this.height - kTop);
    c.globalAlpha = 1;
    for (let p = first; p <= last; ++p) {
      const spans = this.marked.spans[p];
      const top = this.laneTop(p) + 1;
      const height = this.lane - this.queueHeight() - 2;
      for (let i = 0; i < spans.length; i += 3) {
        if (spans[i + 1] <= this.from || spans[i] >= this.to) continue;
        const left = Math.max(kGutter, this.xOf(spans[i]));
        const width = Math.max(3, Math.min(this.width, this.xOf(spans[i + 1])) - left);
        c.fillStyle = this.palette.reasons[spans[i + 2]];
        c.fillRect(left, top, width, height);
        c.strokeStyle = this.palette.mark;
        c.lineWidth = 2;
        c.strokeRect(left + 1, top + 1, Math.max(1, width - 2), height - 2);
        const text = `${kReasonNames[spans[i + 2]]} ${this.marked.column}`;
        if (height < 9 || c.measureText(text).width > width - 8) continue;
        c.fillStyle = this.palette.inks[spans[i + 2]];
        c.fillText(text, left + 4, top + height / 2 + 0.5);
      }
    }
    c.strokeStyle = this.palette.mark;
    c.lineWidth = 1;
    c.setLineDash([3, 3]);
    c.beginPath();
    for (const cycle of this.marked.broadcasts) {
      const x = this.xOf(cycle + 0.5);
      if (x < kGutter || x > this.width) continue;
      c.moveTo(x, kTop);
      c.lineTo(x, this.height);
    }
    c.stroke();
    c.setLineDash([]);
  },

  drawCursor() {
    const c = this.context;
    const scale = this.pixelsPerCycle();
    const left = this.xOf(this.cursor.cycle);
    const width = Math.max(1.5, scale);
    c.fillStyle = this.palette.mark;
    c.globalAlpha = 0.16;
    c.fillRect(left, 0, width, this.height);
    c.globalAlpha = 1;
    c.fillRect(left - 0.5, 0, 1, this.height);
    if (scale >= 6) c.fillRect(left + width - 0.5, 0, 1, this.height);
    const top = this.laneTop(this.cursor.pe);
    if (top < kTop - this.lane) return;
    c.strokeStyle = this.palette.mark;
    c.lineWidth = 2;
    c.strokeRect(Math.round(left) - 1, Math.max(kTop, top), Math.max(4, width + 2), this.lane);
  },

  /** The whole run, all PEs in one stack, and the part in view. */
  drawOverview(canvas, width, height) {
    const scale = Math.min(2, window.devicePixelRatio || 1);
    const c = canvas.getContext("2d", {alpha: false});
    if (this.overview === undefined || this.overviewWidth !== width || this.overviewPalette !== this.palette) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      this.overview = this.makeOverview(Math.round(width * scale), Math.round(height * scale));
      this.overviewWidth = width;
      this.overviewPalette = this.palette;
    }
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.drawImage(this.overview, 0, 0);
    c.setTransform(scale, 0, 0, scale, 0, 0);
    const cycles = Math.max(1, this.run.cycles);
    const left = this.from / cycles * width;
    const right = this.to / cycles * width;
    c.fillStyle = this.palette.paper;
    c.globalAlpha = 0.66;
    c.fillRect(0, 0, left, height);
    c.fillRect(right, 0, width - right, height);
    c.globalAlpha = 1;
    c.strokeStyle = this.palette.ink;
    c.lineWidth = 1.5;
    c.strokeRect(left + 0.75, 0.75, Math.max(2, right - left - 1.5), height - 1.5);
    c.fillStyle = this.palette.mark;
    c.fillRect(this.cursor.cycle / cycles * width - 0.75, 0, 1.5, height);
  },

  makeOverview(width, height) {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const c = canvas.getContext("2d", {alpha: false});
    c.fillStyle = this.palette.paper;
    c.fillRect(0, 0, width, height);
    const cycles = this.run.cycles;
    let level = this.pyramid[0];
    for (const candidate of this.pyramid) if (candidate.bins >= width) level = candidate;
    const sums = new Float64Array(kReasons);
    for (let x = 0; x < width; ++x) {
      sums.fill(0);
      const begin = Math.min(level.bins - 1, Math.floor(x / width * cycles / level.size));
      const end = Math.min(level.bins, Math.max(begin + 1, Math.floor((x + 1) / width * cycles / level.size)));
      for (const shares of level.shares) {
        for (let i = begin * kReasons; i < end * kReasons; ++i) sums[i % kReasons] += shares[i];
      }
      let total = 0;
      for (const sum of sums) total += sum;
      let y = 0;
      for (let k = kReasons - 1; k >= 0 && total > 0; --k) {
        const tall = sums[k] / total * height;
        c.fillStyle = this.palette.reasons[k];
        c.fillRect(x, y, 1, tall + 0.5);
        y += tall;
      }
    }
    return canvas;
  },
});
