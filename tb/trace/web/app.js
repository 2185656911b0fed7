// SPDX-License-Identifier: Apache-2.0
// The page: what the user does, and what is said about the place under the cursor.

const byId = (id) => document.getElementById(id);
const header = JSON.parse(byId("header").textContent);
const run = readEvents(header, new Reader(byId("events").textContent));
const lanes = new Lanes(byId("lanes"), header, run);
const frames = [];  // milliseconds of the latest pictures
let pending = false;

const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
const percent = (share) => share > 0 && share < 0.001 ? "under 0.1 %" : `${(share * 100).toFixed(1)} %`;

// --- Drawing ---------------------------------------------------------------------------------------------------------

function redraw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    const begin = performance.now();
    lanes.draw();
    lanes.drawOverview(byId("overview"), byId("overview").clientWidth, byId("overview").clientHeight);
    frames.push(performance.now() - begin);
    if (frames.length > 600) frames.shift();
  });
}

function fitToWindow() {
  const width = byId("view").clientWidth;
  const most = Math.max(300, window.innerHeight - 90);
  const wanted = kTop + run.lanes.length * (run.lanes.length <= 16 ? 34 : 12);
  lanes.resize(width, Math.min(most, wanted));
  redraw();
}

function setView(from, to) {
  const least = Math.min(run.cycles, 4);
  const span = Math.max(least, Math.min(run.cycles, to - from));
  const begin = Math.max(0, Math.min(run.cycles - span, from));
  lanes.from = begin;
  lanes.to = Math.max(begin + 1, begin + span);
  redraw();
}

function zoom(factor, around) {
  setView(around - (around - lanes.from) * factor, around + (lanes.to - around) * factor);
}

const middle = () => {
  const inView = lanes.cursor.cycle >= lanes.from && lanes.cursor.cycle < lanes.to;
  return inView ? lanes.cursor.cycle + 0.5 : (lanes.from + lanes.to) / 2;
};

/** Single cycles around the cursor, wide enough for labels. */
function zoomToCycles() {
  const span = Math.max(4, Math.round(lanes.plot / 44));
  const at = middle();
  setView(Math.floor(at - span / 2), Math.floor(at - span / 2) + span);
}

function pan(share) {
  const by = (lanes.to - lanes.from) * share;
  setView(lanes.from + by, lanes.to + by);
}

// --- What is where ---------------------------------------------------------------------------------------------------

const launchAt = (cycle) => spanAt(run.launches, cycle) ?? run.launches[run.launches.length - 1];
const launchCycle = (cycle) => {
  const launch = launchAt(cycle);
  const micro = ((cycle + 1) / header.clock_mhz).toFixed(3);
  return run.launches.length > 1 ? `launch ${launch.launch}, its cycle ${cycle - launch.start}` : `${micro} µs`;
};

/** One sentence about a PE in a cycle. */
function describePe(pe, cycle) {
  const lane = run.lanes[pe];
  const interval = intervalAt(lane, cycle);
  const length = interval.end - interval.start;
  const span = length === 1 ? "this cycle only" : `cycles ${interval.start} to ${interval.end - 1}`;
  const level = `queue ${levelAt(lane, cycle)} of ${header.queue_depth}`;
  const what = [
    () => `works on column ${interval.column}`,
    () => `padding entry of column ${interval.column}`,
    () => `column ${interval.column} is empty here`,
    () => `held by PE ${interval.held}: column ${interval.column} waits for its full queue`,
    () => "no candidate",
    () => "fill: the first broadcast is on its way",
    () => "drain: done with the batch",
    () => "transfer between registers and SRAM",
  ][interval.reason]();
  return {reason: interval.reason, text: `PE ${pe}: ${what}`, span, level};
}

function describeRow(row, cycle) {
  if (row === "launch") {
    const launch = launchAt(cycle);
    return `launch ${launch.launch}: ${launch.layer}, sample ${launch.sample}, ${rowsText(launch)}, ` +
      `${columnsText(launch, launch.first_column, launch.columns)}, ${plural(launch.cycles, "cycle")}`;
  }
  if (row === "batch") {
    const batch = spanAt(run.batches, cycle);
    return batch === null ? "no batch"
      : `batch ${batch.number}: ${columnsText(launchAt(cycle), batch.firstColumn, batch.columns)}`;
  }
  if (row === "stall") {
    const stall = spanAt(run.stalls, cycle);
    return stall === null ? "no stall" : `column ${stall.column} waits for ${plural(stall.end - stall.start, "cycle")}: ` +
      `the queue of PE ${stall.pes.join(", ")} is full`;
  }
  if (row === "broadcast") {
    const i = lastBefore(run.broadcasts, cycle, "cycle");
    const broadcast = run.broadcasts[i];
    return i < 0 || broadcast.cycle !== cycle ? "no broadcast" :
      `broadcast of column ${broadcast.column}, activation ${numberText(broadcast.value, launchAt(cycle).act_frac)}`;
  }
  const state = spanAt(run.states, cycle);
  return `CCU: ${state === null ? "idle" : header.states[state.state]}`;
}

/** An integer and what it stands for. */
function numberText(value, frac) {
  return frac === 0 ? `${value}` : `${value} (${Number((value * 2 ** -frac).toPrecision(5))})`;
}

function sayStatus() {
  const {cycle, pe} = lanes.cursor;
  const about = describePe(pe, cycle);
  const parts = [`Cycle ${cycle} (${launchCycle(cycle)})`, about.text, about.span, about.level, describeRow("CCU", cycle)];
  for (const row of ["broadcast", "stall"]) {
    const text = describeRow(row, cycle);
    if (!text.startsWith("no ")) parts.push(text);
  }
  byId("status").textContent = parts.join(" · ");
}

// --- The cursor ------------------------------------------------------------------------------------------------------

const listeners = [];  // told of each move of the cursor

function setCursor(cycle, pe, reveal = true) {
  const at = Math.max(0, Math.min(run.cycles - 1, Math.floor(cycle)));
  lanes.cursor = {cycle: at, pe: Math.max(0, Math.min(run.lanes.length - 1, pe))};
  if (reveal) {
    const margin = Math.min(2, (lanes.to - lanes.from) / 8);
    const span = lanes.to - lanes.from;
    if (at < lanes.from + margin) setView(at - span / 4, at - span / 4 + span);
    else if (at + 1 > lanes.to - margin) setView(at + 1 - span * 3 / 4, at + 1 + span / 4);
    const top = lanes.cursor.pe * lanes.lane;
    const room = lanes.height - kTop;
    if (top < lanes.scroll) lanes.scroll = top;
    if (top + lanes.lane > lanes.scroll + room) lanes.scroll = top + lanes.lane - room;
    lanes.clampScroll();
  }
  sayStatus();
  const launch = byId("launch");
  launch.value = String(launchAt(at).launch);
  for (const listener of listeners) listener(lanes.cursor);
  redraw();
}

function jump(list, key, direction) {
  const at = lanes.cursor.cycle;
  const target = direction > 0 ? list[lastBefore(list, at, key) + 1] : list[lastBefore(list, at - 1, key)];
  if (target === undefined) return false;
  const culprit = target.pes === undefined || target.pes.length === 0 ? lanes.cursor.pe : target.pes[0];
  setCursor(target[key], culprit);
  return true;
}

/** To the next interval of the PE, or the one before. */
function jumpInterval(direction) {
  const interval = intervalAt(run.lanes[lanes.cursor.pe], lanes.cursor.cycle);
  if (direction > 0) setCursor(interval.end, lanes.cursor.pe);
  else setCursor(lanes.cursor.cycle > interval.start ? interval.start : interval.start - 1, lanes.cursor.pe);
}

// --- Search ----------------------------------------------------------------------------------------------------------

let found = -1;  // which of the column's broadcasts

function search(text) {
  const column = Number(text);
  const say = (message) => byId("search-result").textContent = message;
  if (text.trim() === "" || !Number.isInteger(column) || column < 0) return say("A column is a whole number from 0 on.");
  if (lanes.marked === null || lanes.marked.column !== column) {
    lanes.marked = markColumn(column);
    found = -1;
  }
  byId("search-clear").hidden = false;
  const {broadcasts, spans} = lanes.marked;
  if (broadcasts.length === 0) {
    const known = run.launches.some((l) => l.column_at === undefined
      ? column >= l.first_column && column < l.first_column + l.columns : l.column_at.includes(column));
    lanes.marked = null;
    redraw();
    return say(known ? `Column ${column} is not broadcast: its activation is 0.` : `No launch has a column ${column}.`);
  }
  found = (found + 1) % broadcasts.length;
  const cycle = broadcasts[found];
  let working = 0;
  let cycles = 0;
  for (const list of spans) {
    let any = false;
    for (let i = 0; i < list.length; i += 3) {
      if (list[i + 2] <= kPadding) { any = true; cycles += list[i + 1] - list[i]; }
    }
    if (any) ++working;
  }
  const which = broadcasts.length > 1 ? `, ${found + 1} of ${broadcasts.length} times` : "";
  say(`Column ${column} is broadcast in cycle ${cycle}${which}; ${plural(working, "PE")} of ${run.lanes.length} ` +
    `${working === 1 ? "has" : "have"} entries of it, ${plural(cycles, "PE cycle")} in all.`);
  showColumn(cycle);
}

/** Everything that PEs do with a column. */
function markColumn(column) {
  const broadcasts = run.broadcasts.filter((b) => b.column === column).map((b) => b.cycle);
  const spans = run.lanes.map((lane) => {
    const list = [];
    for (let i = 0; i < lane.count; ++i) {
      if (lane.column[i] === column && lane.reason[i] <= kEmpty) list.push(lane.start[i], lane.start[i + 1], lane.reason[i]);
    }
    return list;
  });
  return {column, broadcasts, spans};
}

/** Brings a broadcast and what it causes into view. */
function showColumn(cycle) {
  const next = lanes.marked.broadcasts[found + 1] ?? Infinity;
  let end = cycle + 8;
  for (const list of lanes.marked.spans) {
    for (let i = 0; i < list.length; i += 3) if (list[i] >= cycle && list[i + 1] < next) end = Math.max(end, list[i + 1]);
  }
  const room = Math.max(4, (end - cycle) * 0.25);
  setView(cycle - room, end + room);
  setCursor(cycle, lanes.cursor.pe);
}

function clearSearch() {
  lanes.marked = null;
  found = -1;
  byId("search-clear").hidden = true;
  byId("search-result").textContent = "";
  byId("column").value = "";
  redraw();
}

// --- Tooltip ---------------------------------------------------------------------------------------------------------

function showTooltip(x, y) {
  const tooltip = byId("tooltip");
  const cycle = Math.floor(lanes.cycleAt(x));
  if (x < kGutter || cycle < 0 || cycle >= run.cycles || y > lanes.height) {
    tooltip.hidden = true;
    return;
  }
  const pe = lanes.peAt(y);
  const lines = [`Cycle ${cycle} · ${launchCycle(cycle)}`];
  if (pe >= 0) {
    const about = describePe(pe, cycle);
    lines.push(about.text, `${about.span} · ${about.level}`);
  } else {
    lines.push(describeRow(lanes.rowAt(y), cycle));
  }
  tooltip.replaceChildren(...lines.map((line, k) => {
    const element = document.createElement(k === 0 ? "strong" : "span");
    element.textContent = line;
    return element;
  }));
  tooltip.hidden = false;
  const width = tooltip.offsetWidth;
  const height = tooltip.offsetHeight;
  tooltip.style.left = `${Math.max(0, Math.min(lanes.width - width, x + 14))}px`;
  tooltip.style.top = `${y + 20 + height > lanes.height && y > height + 12 ? y - height - 12 : y + 20}px`;
}

// --- Input -----------------------------------------------------------------------------------------------------------

function connectPointer() {
  const canvas = byId("lanes");
  const pointers = new Map();
  let moved = false;
  let pinch = 0;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return {x: event.clientX - box.left, y: event.clientY - box.top};
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({preventScroll: true});
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event));
    if (pointers.size === 1) moved = false;
    pinch = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = place(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) return showTooltip(now.x, now.y);
    if (pointers.size === 2) {
      pointers.set(event.pointerId, now);
      const [a, b] = [...pointers.values()];
      const distance = Math.max(10, Math.abs(a.x - b.x));
      if (pinch > 0) zoom(pinch / distance, lanes.cycleAt((a.x + b.x) / 2));
      pinch = distance;
      moved = true;
      return undefined;
    }
    if (!moved && Math.hypot(now.x - before.x, now.y - before.y) < 4) return undefined;
    moved = true;
    byId("tooltip").hidden = true;
    const by = (before.x - now.x) / lanes.pixelsPerCycle();
    lanes.scroll += before.y - now.y;
    lanes.clampScroll();
    pointers.set(event.pointerId, now);
    return setView(lanes.from + by, lanes.to + by);
  });
  const release = (event) => {
    const now = place(event);
    if (pointers.delete(event.pointerId) && !moved && event.type === "pointerup" && now.x >= kGutter) {
      const pe = lanes.peAt(now.y);
      setCursor(lanes.cycleAt(now.x), pe < 0 ? lanes.cursor.pe : pe, false);
      showTooltip(now.x, now.y);
    }
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") byId("tooltip").hidden = true;
  });
  canvas.addEventListener("dblclick", (event) => {
    const now = place(event);
    setCursor(lanes.cycleAt(now.x), Math.max(0, lanes.peAt(now.y)), false);
    zoomToCycles();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const now = place(event);
    const unit = event.deltaMode === 1 ? 16 : 1;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const by = (event.deltaX || event.deltaY) * unit / lanes.pixelsPerCycle();
      setView(lanes.from + by, lanes.to + by);
    } else {
      zoom(Math.exp(event.deltaY * unit * 0.0022), lanes.cycleAt(Math.max(kGutter, now.x)));
    }
    byId("tooltip").hidden = true;
  }, {passive: false});
  const overview = byId("overview");
  const goTo = (event) => {
    const share = (event.clientX - overview.getBoundingClientRect().left) / overview.clientWidth;
    const span = lanes.to - lanes.from;
    if (span >= run.cycles) setCursor(share * run.cycles, lanes.cursor.pe);
    setView(share * run.cycles - span / 2, share * run.cycles + span / 2);
  };
  overview.addEventListener("pointerdown", (event) => { overview.setPointerCapture(event.pointerId); goTo(event); });
  overview.addEventListener("pointermove", (event) => { if (event.buttons !== 0) goTo(event); });
}

// Key, what it does in words, and what to do. Keys with Shift are written as the key they make.
const kKeys = [
  [["ArrowRight"], "→", "one cycle on", () => setCursor(lanes.cursor.cycle + 1, lanes.cursor.pe)],
  [["ArrowLeft"], "←", "one cycle back", () => setCursor(lanes.cursor.cycle - 1, lanes.cursor.pe)],
  [["Shift+ArrowRight"], "Shift →", "the PE's next interval", () => jumpInterval(1)],
  [["Shift+ArrowLeft"], "Shift ←", "the PE's interval before", () => jumpInterval(-1)],
  [["ArrowDown"], "↓", "next PE", () => setCursor(lanes.cursor.cycle, lanes.cursor.pe + 1)],
  [["ArrowUp"], "↑", "PE before", () => setCursor(lanes.cursor.cycle, lanes.cursor.pe - 1)],
  [["Home"], "Home", "first cycle", () => setCursor(0, lanes.cursor.pe)],
  [["End"], "End", "last cycle", () => setCursor(run.cycles - 1, lanes.cursor.pe)],
  [["PageDown"], "Page Down", "on by most of a view", () => pan(0.8)],
  [["PageUp"], "Page Up", "back by most of a view", () => pan(-0.8)],
  [["+", "="], "+", "zoom in", () => zoom(0.6, middle())],
  [["-"], "−", "zoom out", () => zoom(1 / 0.6, middle())],
  [["1"], "1", "single cycles", zoomToCycles],
  [["0"], "0", "the whole run", () => setView(0, run.cycles)],
  [["s"], "S", "next stall", () => jump(run.stalls, "start", 1)],
  [["S"], "Shift S", "stall before", () => jump(run.stalls, "start", -1)],
  [["b"], "B", "next broadcast", () => jump(run.broadcasts, "cycle", 1)],
  [["B"], "Shift B", "broadcast before", () => jump(run.broadcasts, "cycle", -1)],
  [["/"], "/", "search a column", () => byId("column").focus()],
  [["Escape"], "Esc", "clear the search", clearSearch],
  [["?"], "?", "these keys", () => toggleHelp()],
];

function toggleHelp() {
  const help = byId("help");
  help.hidden = !help.hidden;
  byId("help-button").setAttribute("aria-expanded", String(!help.hidden));
  if (!help.hidden) help.scrollIntoView({block: "nearest"});
}

function connectKeys() {
  const actions = new Map();
  for (const [keys, name, text, action] of kKeys) {
    for (const key of keys) actions.set(key, action);
    const term = document.createElement("dt");
    const kbd = document.createElement("kbd");
    kbd.textContent = name;
    term.append(kbd);
    const definition = document.createElement("dd");
    definition.textContent = text;
    byId("keys").append(term, definition);
  }
  byId("lanes").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = event.key.startsWith("Arrow") && event.shiftKey ? `Shift+${event.key}` : event.key;
    const action = actions.get(arrow);
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

function connectButtons() {
  const click = (id, action) => byId(id).addEventListener("click", action);
  click("fit", () => setView(0, run.cycles));
  click("zoom-in", () => zoom(0.5, middle()));
  click("zoom-out", () => zoom(2, middle()));
  click("zoom-one", zoomToCycles);
  click("pan-left", () => pan(-0.5));
  click("pan-right", () => pan(0.5));
  click("stall-back", () => jump(run.stalls, "start", -1));
  click("stall-next", () => jump(run.stalls, "start", 1));
  click("broadcast-next", () => jump(run.broadcasts, "cycle", 1));
  click("search-clear", clearSearch);
  click("help-button", toggleHelp);
  byId("stall-back").disabled = byId("stall-next").disabled = run.stalls.length === 0;
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    search(byId("column").value);
  });
  byId("launch").addEventListener("change", (event) => {
    const launch = run.launches.find((l) => String(l.launch) === event.target.value);
    setView(launch.start, launch.end);
    setCursor(launch.start, lanes.cursor.pe, false);
  });
}
