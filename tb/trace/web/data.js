// SPDX-License-Identifier: Apache-2.0
// Unpacks what the program packed (tb/trace/timeline/page.cpp).

/** Reads numbers of seven bits a byte, the lowest first. */
class Reader {
  constructor(base64) {
    const text = atob(base64.trim());
    this.bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; ++i) this.bytes[i] = text.charCodeAt(i);
    this.at = 0;
  }
  next() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }
  /** Zigzag. */
  nextSigned() {
    const value = this.next();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

const kWork = 0, kPadding = 1, kEmpty = 2, kHeld = 3, kNoCandidate = 4, kFill = 5, kDrain = 6, kTransfer = 7;
const kReasons = 8;

/** The index of the last element <= value in a sorted array, -1 if there is none. */
function lastNotAfter(array, value, length = array.length) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (array[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Growing lists of one launch after another, on the axis of the whole run. */
function readEvents(header, reader) {
  const pes = header.n_pe;
  const run = {launches: [], states: [], batches: [], broadcasts: [], stalls: [], places: [], lanes: [], cycles: 0};
  const sizes = new Array(pes).fill(0);
  let broadcasts = 0;
  for (const launch of header.launches) {
    launch.lanes.forEach((count, p) => sizes[p] += count);
    broadcasts += launch.broadcasts;
  }
  for (let p = 0; p < pes; ++p) {
    run.lanes.push({
      count: 0, start: new Uint32Array(sizes[p] + 1), reason: new Uint8Array(sizes[p]),
      column: new Int32Array(sizes[p]), held: new Int16Array(sizes[p]),
      levels: 0, levelStart: new Uint32Array(2 * broadcasts + header.launches.length + 1),
      level: new Uint16Array(2 * broadcasts + header.launches.length + 1),
    });
  }
  for (const launch of header.launches) readLaunch(run, launch, reader);
  run.totals = new Array(kReasons).fill(0);
  for (const lane of run.lanes) {
    lane.start[lane.count] = run.cycles;
    for (let i = 0; i < lane.count; ++i) run.totals[lane.reason[i]] += lane.start[i + 1] - lane.start[i];
  }
  return run;
}

function readLaunch(run, launch, reader) {
  const start = run.cycles;
  run.launches.push({...launch, start, end: start + launch.cycles});
  let cycle = start;
  for (let i = 0; i < launch.states; ++i) {
    const word = reader.next();
    const cycles = Math.floor(word / 16);
    run.states.push({start: cycle, end: cycle + cycles, state: word % 16});
    cycle += cycles;
  }
  cycle = start;
  for (let i = 0; i < launch.batches; ++i) {
    cycle += reader.next();
    if (i > 0) run.batches[run.batches.length - 1].end = cycle;
    run.batches.push({start: cycle, end: start + launch.cycles, number: i + 1,
                      firstColumn: reader.next(), columns: reader.next()});
  }
  const first = run.broadcasts.length;
  cycle = start;
  let column = 0;
  for (let i = 0; i < launch.broadcasts; ++i) {
    cycle += reader.next();
    column += reader.nextSigned();
    run.broadcasts.push({cycle, column, value: reader.nextSigned()});
  }
  cycle = start;
  for (let i = 0; i < launch.stalls; ++i) {
    cycle += reader.next();
    const stall = {start: cycle, end: cycle + reader.next(), column: reader.next(), pes: []};
    let pe = 0;
    for (let k = reader.next(); k > 0; --k) stall.pes.push(pe += reader.next());
    run.stalls.push(stall);
  }
  launch.lanes.forEach((count, p) => {
    readLane(run.lanes[p], count, start, reader);
    readLevels(run.lanes[p], run.broadcasts, first, launch, start, reader);
  });
  for (const [kind, count] of [["saturated", launch.saturated], ["error", launch.errors]]) {
    cycle = start;
    for (let i = 0; i < count; ++i) {
      cycle += reader.next();
      run.places.push({kind, cycle, pe: reader.next(), row: reader.next() - 1, column: reader.next(),
                       entry: reader.next() - 1});
    }
  }
  run.cycles = start + launch.cycles;
}

function readLane(lane, count, start, reader) {
  let cycle = start;
  let column = 0;
  for (let i = 0; i < count; ++i) {
    const word = reader.next();
    const at = lane.count++;
    lane.start[at] = cycle;
    const reason = lane.reason[at] = word % 8;
    cycle += Math.floor(word / 8);
    lane.column[at] = -1;
    lane.held[at] = -1;
    if (reason > kHeld) continue;
    column += reader.nextSigned();
    lane.column[at] = column;
    if (reason === kHeld) lane.held[at] = reader.next() - 1;
  }
}

/** Levels of the activation queue: a broadcast is in it from the next cycle on, what is taken is out from the next on. */
function readLevels(lane, broadcasts, first, launch, start, reader) {
  const taken = [];
  for (let i = 0; i < launch.broadcasts; ++i) {
    const wait = reader.next();
    taken.push(wait === 0 ? Infinity : broadcasts[first + i].cycle + wait);
  }
  let level = 0;
  const put = (cycle) => {
    lane.levelStart[lane.levels] = cycle;
    lane.level[lane.levels++] = level;
  };
  put(start);
  let come = 0;
  let gone = 0;
  while (come < taken.length || (gone < taken.length && taken[gone] < Infinity)) {
    const next = come < taken.length ? broadcasts[first + come].cycle : Infinity;
    const leave = gone < taken.length ? taken[gone] : Infinity;
    const cycle = Math.min(next, leave);
    const before = level;
    if (next === cycle) { ++level; ++come; }
    if (leave === cycle) { --level; ++gone; }
    if (level !== before) put(cycle + 1);
  }
}

/** The user's row and column at a place of the layer: --balance moves them (docs/balance.md). */
const rowAt = (launch, place) => launch.row_at === undefined ? place : launch.row_at[place - launch.first_row] ?? place;
const columnAt = (launch, place) =>
  launch.column_at === undefined ? place : launch.column_at[place - launch.first_column] ?? place;
/** "rows 0 to 63" of a launch. */
const rowsText = (launch) =>
  `${launch.row_at === undefined ? "rows" : "rows at places"} ${launch.first_row} to ${launch.first_row + launch.rows - 1}`;
const columnsText = (launch, first, count) =>
  `${launch.column_at === undefined ? "columns" : "columns at places"} ${first} to ${first + count - 1}`;

/**
 * Shares of the reasons in bins of cycles, coarser and coarser, so that a picture of any zoom costs the same.
 * shares[level][pe][bin * 8 + reason] is 0 to 255; queue[level][pe][bin] the highest level of the queue.
 */
function buildPyramid(run) {
  let size = 1;
  while (run.cycles * run.lanes.length * kReasons / size > 24e6) size *= 4;
  const pyramid = [];
  for (let bin = size; ; bin *= 4) {
    const bins = Math.max(1, Math.ceil(run.cycles / bin));
    const level = {size: bin, bins, shares: [], queue: []};
    run.lanes.forEach((lane, p) => {
      const below = pyramid[pyramid.length - 1];
      level.shares.push(below ? coarser(below.shares[p], below.bins, bins) : fillBins(lane, bin, bins));
      level.queue.push(below ? coarserMaximum(below.queue[p], below.bins, bins) : fillQueue(lane, bin, bins, run.cycles));
    });
    pyramid.push(level);
    if (bins <= 512) return pyramid;
  }
}

function fillBins(lane, size, bins) {
  const counts = new Float32Array(bins * kReasons);
  for (let i = 0; i < lane.count; ++i) {
    const end = lane.start[i + 1];
    for (let cycle = lane.start[i]; cycle < end;) {
      const bin = Math.floor(cycle / size);
      const stop = Math.min(end, (bin + 1) * size);
      counts[bin * kReasons + lane.reason[i]] += stop - cycle;
      cycle = stop;
    }
  }
  const shares = new Uint8Array(counts.length);
  for (let i = 0; i < counts.length; ++i) shares[i] = Math.round(counts[i] * 255 / size);
  return shares;
}

function coarser(below, belowBins, bins) {
  const shares = new Uint8Array(bins * kReasons);
  for (let b = 0; b < bins; ++b) {
    const count = Math.min(4, belowBins - 4 * b);
    for (let r = 0; r < kReasons; ++r) {
      let sum = 0;
      for (let k = 0; k < count; ++k) sum += below[(4 * b + k) * kReasons + r];
      shares[b * kReasons + r] = Math.round(sum / 4);
    }
  }
  return shares;
}

function fillQueue(lane, size, bins, cycles) {
  const highest = new Uint16Array(bins);
  for (let i = 0; i < lane.levels; ++i) {
    const end = i + 1 < lane.levels ? lane.levelStart[i + 1] : cycles;
    const last = Math.min(bins - 1, Math.floor((end - 1) / size));
    for (let b = Math.floor(lane.levelStart[i] / size); b <= last; ++b) {
      if (lane.level[i] > highest[b]) highest[b] = lane.level[i];
    }
  }
  return highest;
}

function coarserMaximum(below, belowBins, bins) {
  const highest = new Uint16Array(bins);
  for (let b = 0; b < belowBins; ++b) highest[b >> 2] = Math.max(highest[b >> 2], below[b]);
  return highest;
}

/** The interval of a lane at a cycle. */
function intervalAt(lane, cycle) {
  const i = lastNotAfter(lane.start, cycle, lane.count);
  return {index: i, start: lane.start[i], end: lane.start[i + 1], reason: lane.reason[i], column: lane.column[i],
          held: lane.held[i]};
}

function levelAt(lane, cycle) {
  const i = lastNotAfter(lane.levelStart, cycle, lane.levels);
  return i < 0 ? 0 : lane.level[i];
}

/** The element of a sorted list of {start, end} at a cycle. */
function spanAt(spans, cycle) {
  const i = lastBefore(spans, cycle, "start");
  return i >= 0 && cycle < spans[i].end ? spans[i] : null;
}

/** Index of the last element of a list whose `key` is <= cycle. */
function lastBefore(list, cycle, key) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle][key] <= cycle) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
