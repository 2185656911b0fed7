// SPDX-License-Identifier: Apache-2.0
// Figure 4 of the paper with the values that the wires of the hw device held, cycle by cycle.

/** Values by signal and cycle. */
class Wires {
  constructor(player, reader) {
    this.cycles = player.cycles;
    this.values = new Map();
    for (const [name, runs] of player.signals) {
      const list = new Float64Array(player.cycles);
      let at = 0;
      let value = 0;
      for (let i = 0; i < runs; ++i) {
        const end = at + reader.next();
        value += reader.nextSigned();
        list.fill(value, at, end);
        at = end;
      }
      this.values.set(name, list);
    }
  }
  has(name) { return this.values.has(name); }
  /** A cycle outside the recording has no value. */
  get(name, cycle) {
    const list = this.values.get(name);
    return list === undefined || cycle < 0 || cycle >= this.cycles ? undefined : list[cycle];
  }
}

function svgNode(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const setText = (id, text) => { byId(id).textContent = text ?? ""; };
const setLive = (id, live) => byId(id).classList.toggle("live", Boolean(live));

const kMostSlots = 8;
const kMostRegisters = 8;

class Player {
  constructor(wires) {
    this.wires = wires;
    this.cycle = 0;
    this.pe = 0;
    this.timer = null;
    this.entriesPerRow = header.spmat_width / (header.code_width + header.run_width);
    this.codes = 1 << header.code_width;
    this.drawTree();
    this.drawSlots();
    this.drawEntries();
    this.drawCodes();
    this.drawRegisters();
  }

  // --- Parts that depend on the configuration ---------------------------------------------------------------------

  drawSlots() {
    const count = Math.min(kMostSlots, header.queue_depth);
    for (let k = 0; k < count; ++k) {
      const y = 40 + k * 34;
      const group = svgNode("g", {class: "cell", id: `b-slot-${k}`});
      group.append(svgNode("rect", {x: 16, y, width: 124, height: 28}), svgNode("text", {x: 78, y: y + 18, id: `t-slot-${k}`}));
      byId("slots").append(group);
    }
    byId("slots").append(svgNode("text", {x: 78, y: 328, class: "small", id: "t-more"}));
  }

  drawEntries() {
    const across = Math.min(4, this.entriesPerRow);
    const down = Math.ceil(this.entriesPerRow / across);
    const width = 188 / across;
    const height = Math.min(58, 116 / down);
    for (let k = 0; k < this.entriesPerRow; ++k) {
      const x = 392 + (k % across) * width;
      const y = 138 + Math.floor(k / across) * (height + 2);
      const group = svgNode("g", {class: "cell", id: `b-word-${k}`});
      group.append(svgNode("rect", {x: x + 1, y, width: width - 2, height}));
      if (height >= 40) group.append(svgNode("text", {x: x + width / 2, y: y + 15, class: "name"}, String(k)));
      group.append(svgNode("text", {x: x + width / 2, y: y + (height >= 40 ? 38 : height / 2 + 4), id: `t-word-${k}`}));
      byId("entries").append(group);
    }
  }

  drawCodes() {
    const shown = Math.min(16, this.codes);
    for (let k = 0; k < shown; ++k) {
      const x = 632 + (k >> 3) * 64;
      const y = 64 + (k & 7) * 24.5;
      const group = svgNode("g", {class: "row", id: `b-code-${k}`});
      group.append(svgNode("rect", {x, y, width: 60, height: 22}), svgNode("text", {x: x + 5, y: y + 15, class: "index"}, String(k)),
        svgNode("text", {x: x + 55, y: y + 15, class: "value", id: `t-code-${k}`}));
      byId("codes").append(group);
    }
  }

  drawRegisters() {
    for (let side = 0; side < 2; ++side) {
      for (let k = 0; k < kMostRegisters; ++k) {
        const x = 992 + side * 100;
        const y = 50 + k * 29;
        const group = svgNode("g", {class: "row", id: `b-register-${side}-${k}`});
        group.append(svgNode("rect", {x, y, width: 92, height: 26}),
          svgNode("text", {x: x + 6, y: y + 17, class: "index", id: `n-register-${side}-${k}`}),
          svgNode("text", {x: x + 86, y: y + 17, class: "value", id: `t-register-${side}-${k}`}));
        byId("registers").append(group);
      }
    }
  }

  /** Figure 4(a): PEs below, nodes of the tree above them, the CCU at the root. */
  drawTree() {
    const figure = byId("figure-tree");
    const pes = header.n_pe;
    const wires = svgNode("g", {});
    const boxes = svgNode("g", {});
    figure.append(wires, boxes);
    const left = 250;
    const width = 930;
    const place = (index, count) => left + (index + 0.5) * width / count;
    const sizes = [];
    for (let count = pes; count > 1;) {
      count = Math.ceil(count / header.lnzd_fan_in);
      sizes.push(count);
    }
    this.sizes = sizes;
    const levels = Math.max(1, sizes.length);
    const heightOf = (level) => 128 - (level + 1) * 104 / levels;
    let below = pes;
    sizes.forEach((count, level) => {
      for (let k = 0; k < below; ++k) {
        const from = level === 0 ? 142 : heightOf(level - 1);
        wires.append(svgNode("path", {class: "wire plain", id: `w-tree-${level}-${k}`,
          d: `M${place(k, below)} ${from}L${place(Math.floor(k / header.lnzd_fan_in), count)} ${heightOf(level) + 16}`}));
      }
      for (let k = 0; k < count; ++k) {
        const x = place(k, count);
        const wide = Math.min(132, width / count - 3);
        const group = svgNode("g", {class: "cell", id: `b-node-${level}-${k}`});
        group.append(svgNode("rect", {x: x - wide / 2, y: heightOf(level), width: wide, height: 22}));
        if (wide > 44) group.append(svgNode("text", {x, y: heightOf(level) + 15, class: "name"}, wide > 90 ? "LNZD node" : "LNZD"));
        boxes.append(group);
      }
      below = count;
    });
    const leaf = Math.min(150, width / pes - 3);
    for (let p = 0; p < pes; ++p) {
      const x = place(p, pes);
      const group = svgNode("g", {class: "cell pick", id: `b-pe-${p}`});
      group.append(svgNode("rect", {x: x - leaf / 2, y: 142, width: leaf, height: 40}));
      group.append(svgNode("title", {}, `PE ${p}`));
      if (leaf > 40) {
        group.append(svgNode("text", {x, y: 158, class: "name"}, `PE ${p}`), svgNode("text", {x, y: 175, id: `t-pe-${p}`}));
      }
      group.addEventListener("click", () => this.show(this.cycle, p));
      boxes.append(group);
      wires.append(svgNode("path", {class: "wire plain bus", d: `M${x} 182V194`}));
    }
    wires.append(svgNode("path", {class: "wire plain", id: "w-bus", d: `M40 70V194H${place(pes - 1, pes)}`}));
    wires.append(svgNode("path", {class: "wire plain", id: "w-root",
      d: `M${sizes.length === 0 ? place(0, 1) : place(0, 1)} ${sizes.length === 0 ? 142 : heightOf(levels - 1) + 4}V14H230`}));
    const ccu = svgNode("g", {class: "cell", id: "b-ccu"});
    ccu.append(svgNode("rect", {x: 8, y: 4, width: 222, height: 66}),
      svgNode("text", {x: 119, y: 20, class: "name"}, "CCU: central control unit"),
      svgNode("text", {x: 119, y: 42, id: "t-ccu"}), svgNode("text", {x: 119, y: 60, class: "small", id: "t-ccu-more"}));
    boxes.append(ccu);
  }

  // --- One cycle --------------------------------------------------------------------------------------------------

  at(name, cycle = this.cycle) { return this.wires.get(`pe_${this.pe}.${name}`, cycle); }
  ccu(name, cycle = this.cycle) { return this.wires.get(`ccu.${name}`, cycle); }
  /** The layer's column of a pointer's index. */
  column(index) {
    const launch = launchAt(this.cycle);
    return columnAt(launch, index - launch.pointer_base + launch.first_column);
  }

  /** Everything that the figure and the sentence say about the PE. */
  state() {
    const c = this.cycle;
    const s = {pe: this.pe, cycle: c, interval: intervalAt(run.lanes[this.pe], c)};
    s.launch = launchAt(c);
    s.ccu = header.states[this.ccu("state_")];
    s.broadcast = this.ccu("broadcast_valid") === 1;
    s.broadcastColumn = this.column(this.ccu("broadcast_column"));
    s.broadcastValue = this.ccu("broadcast_value");
    s.level = this.at("act_queue.count_");
    s.queue = this.queue(s.level);
    s.take = this.at("act_queue.head_valid") === 1 && this.at("act_queue.head_ready") === 1;
    this.addPointers(s, c);
    this.addEntry(s, c);
    this.addArithmetic(s, c);
    s.candidate = this.at("act_rw.candidate_valid") === 1;
    s.candidateColumn = this.at("act_rw.candidate_column");
    s.candidateValue = this.at("act_rw.candidate_value");
    s.exhausted = this.at("act_rw.exhausted") === 1;
    s.pop = this.at("act_rw.pop") === 1;
    return s;
  }

  queue(level) {
    const list = [];
    const stored = Math.max(1, header.queue_depth - 1);
    for (let k = 0; k < level; ++k) {
      const place = (this.at("act_queue.read_") + k - 1) % stored;
      list.push(k === 0
        ? {column: this.column(this.at("act_queue.head_column")), value: this.at("act_queue.head_value")}
        : {column: this.column(this.at(`act_queue.column_[${place}]`)), value: this.at(`act_queue.value_[${place}]`)});
    }
    return list;
  }

  addPointers(s, c) {
    s.fresh = this.at("ptr_read.fresh_") === 1;
    let asked = c;  // the cycle before whose end the pointers were read
    while (asked > s.launch.start && this.at("ptr_read.fresh_", asked) !== 1) --asked;
    s.pointers = this.at("ptr_read.fresh_", asked) === 1;
    s.pointerColumn = s.pointers ? this.column(this.at("act_queue.head_column", asked - 1)) : undefined;
    s.odd = this.at("ptr_read.odd_column_") === 1;
    s.even_q = this.at("ptr_read.even_q_");
    s.odd_q = this.at("ptr_read.odd_q_");
    s.first = s.odd ? s.odd_q : s.even_q;
    s.second = s.odd ? s.even_q : s.odd_q;
    s.addressValid = this.at("ptr_read.entry_address_valid") === 1;
    s.address = this.at("ptr_read.entry_address_address");
    s.remaining = this.at("ptr_read.remaining_");
    s.ahead = this.at("ptr_read.count_");
  }

  addEntry(s, c) {
    s.fetch = s.addressValid && this.at("spmat_read.enable_") === 1;
    s.fetchRow = Math.floor(s.address / this.entriesPerRow);
    s.valid = this.at("spmat_read.entry_valid") === 1;
    s.code = this.at("spmat_read.entry_code");
    s.run = this.at("spmat_read.entry_run");
    s.value = this.at("spmat_read.entry_value");
    s.isFirst = this.at("spmat_read.entry_first") === 1;
    const before = this.at("ptr_read.entry_address_address", c - 1);
    s.entryAddress = before;
    s.select = s.valid ? before % this.entriesPerRow : -1;
    s.rowHeld = this.at("spmat_read.held_") === 1;
    s.heldRow = this.at("spmat_read.held_row_");
  }

  addArithmetic(s, c) {
    s.weight = s.valid ? this.at(`arith_unit.codebook_[${s.code}]`) : undefined;
    s.rowBefore = this.at("arith_unit.row_");
    s.row = s.valid ? (s.isFirst ? s.run : s.rowBefore + s.run + 1) : undefined;
    s.multiplies = this.at("arith_unit.valid1_") === 1;
    s.row1 = this.at("arith_unit.row1_");
    s.weight1 = weightOf(...["one1_", "two1_", "negative1_"].map((name) => this.at(`arith_unit.${name}`)));
    s.value1 = this.at("arith_unit.value1_");
    s.product1 = s.multiplies ? this.at("arith_unit.product2_", c + 1) ?? s.weight1 * s.value1 : undefined;
    s.adds = this.at("arith_unit.valid2_") === 1;
    s.row2 = this.at("arith_unit.row2_");
    s.product = this.at("arith_unit.product2_");
    s.bypass = s.adds && this.at("arith_unit.bypass_") === 1;
    s.before = s.bypass ? this.at("arith_unit.sum3_") : this.at("act_rw.accumulated");
    s.after = s.adds ? this.at("arith_unit.sum3_", c + 1) : undefined;
    s.writes = this.at("act_rw.access_write") === 1;
    s.row3 = this.at("act_rw.access_write_row");
    s.sum = this.at("act_rw.access_sum");
    s.shift = this.at("arith_unit.shift");
  }

  globalRow(local) {
    const launch = launchAt(this.cycle);
    return rowAt(launch, local * header.n_pe + this.pe + launch.first_row);
  }

  draw() {
    const s = this.state();
    this.showQueue(s);
    this.showPointers(s);
    this.showEntries(s);
    this.showArithmetic(s);
    this.showRegisters(s);
    this.showTree(s);
    byId("sentence").textContent = sentenceOf(s, this);
  }

  showQueue(s) {
    const slots = Math.min(kMostSlots, header.queue_depth);
    for (let k = 0; k < slots; ++k) {
      const item = s.queue[k];
      setText(`t-slot-${k}`, item === undefined ? "" : `a${item.column} = ${item.value}`);
      setLive(`b-slot-${k}`, k === 0 && s.take);
      byId(`b-slot-${k}`).classList.toggle("empty", item === undefined);
    }
    setText("t-more", s.level > slots ? `and ${s.level - slots} more` : "");
    setText("t-level", `${s.level} of ${header.queue_depth}${s.level >= header.queue_depth ? ": full" : ""}`);
    setLive("w-broadcast", s.broadcast);
    setText("t-broadcast", s.broadcast ? `a${s.broadcastColumn} = ${s.broadcastValue}` : "broadcast");
    setLive("w-head", s.take);
  }

  showPointers(s) {
    setText("t-even", s.pointers ? s.even_q : "");
    setText("t-odd", s.pointers ? s.odd_q : "");
    setText("n-first", s.pointers ? `p[${s.pointerColumn}]` : "p[j]");
    setText("n-second", s.pointers ? `p[${s.pointerColumn + 1}]` : "p[j+1]");
    setText("t-first", s.pointers ? s.first : "");
    setText("t-second", s.pointers ? s.second : "");
    for (const id of ["b-even", "b-odd", "b-first", "b-second", "w-pointers"]) setLive(id, s.fresh);
    setLive("w-even-first", s.fresh && !s.odd);
    setLive("w-odd-second", s.fresh && !s.odd);
    setLive("w-odd-first", s.fresh && s.odd);
    setLive("w-even-second", s.fresh && s.odd);
    setText("t-address", s.addressValid ? s.address : "none");
    setLive("b-entry-address", s.addressValid);
    setLive("w-address", s.addressValid);
    const entries = s.second - s.first;
    setText("t-left", s.fresh && !(entries > 0) ? "no entries here" : s.addressValid ? `${s.remaining} to go in this column` : "");
    setText("t-ahead", header.look_ahead > 0 ? `${s.ahead} of ${header.look_ahead} read ahead` : "");
  }

  showEntries(s) {
    setText("t-fetch", s.fetch ? `read row ${s.fetchRow}` : s.addressValid ? "row is there already" : "idle");
    setLive("b-spmat", s.fetch);
    setLive("w-fetch", s.fetch);
    setText("t-row", s.rowHeld ? `row register: row ${s.heldRow}, code | run` : "row register");
    const bits = header.code_width + header.run_width;
    for (let k = 0; k < this.entriesPerRow; ++k) {
      const word = this.word(k * bits, bits);
      const known = s.rowHeld && word !== undefined;
      setText(`t-word-${k}`, known ? `${word % this.codes} | ${Math.floor(word / this.codes)}` : "");
      setLive(`b-word-${k}`, k === s.select);
    }
    setLive("w-entry", s.valid);
    setLive("b-entry", s.valid);
    setText("t-entry", s.valid ? `code ${s.code}, run ${s.run}` : "none");
    setText("t-entry-value", s.valid ? `with a = ${s.value}` : "");
    setLive("w-code", s.valid && s.code !== 0);
    setLive("w-run", s.valid);
  }

  /** Bits of the row at the SRAM output, which comes in words of 32. */
  word(from, bits) {
    const part = this.at(`spmat_read.q_:${from >> 5}`);
    return part === undefined ? undefined : Math.floor(part / 2 ** (from & 31)) % 2 ** bits;
  }

  showArithmetic(s) {
    for (let k = 0; k < Math.min(16, this.codes); ++k) {
      setText(`t-code-${k}`, this.at(`arith_unit.codebook_[${k}]`));
      setLive(`b-code-${k}`, s.valid && s.code === k);
    }
    setText("t-accumulate", !s.valid ? "" : s.isFirst ? `${s.run} (first of its column)` : `${s.rowBefore} + ${s.run} + 1 = ${s.row}`);
    setText("t-global-row", s.valid ? (s.code === 0 ? "padding: no write" : `row ${this.globalRow(s.row)} of the layer`) : "");
    setLive("b-row", s.valid);
    setLive("w-weight", s.multiplies);
    setLive("b-multiply", s.multiplies);
    setText("t-multiply", s.multiplies ? `${s.weight1} × ${s.value1} = ${s.product1}` : "");
    setText("t-multiply-row", s.multiplies ? `for b${this.globalRow(s.row1)}` : "");
    setLive("w-product", s.adds);
    setLive("b-add", s.adds);
    setText("t-add", s.adds ? `${s.before} + ${s.shift > 0 ? `(${s.product} >> ${s.shift})` : s.product} = ${s.after ?? "?"}` : "");
    setText("t-add-from", s.adds ? `b${this.globalRow(s.row2)} from the ${s.bypass ? "adder: bypass" : "register"}` : "");
    setLive("w-bypass", s.bypass);
    setLive("w-read", s.multiplies);
    setLive("w-sum", s.writes);
    setLive("w-row", s.writes);
    setLive("b-write", s.writes);
    setText("t-write", s.writes ? `b${this.globalRow(s.row3)} := ${s.sum}` : "");
    setLive("w-write", s.writes);
    setText("t-shift", `shift ${s.shift}`);
  }

  /** A window of the register files around what is in use. */
  showRegisters(s) {
    const last = Math.max(1, Math.ceil(s.launch.rows / header.n_pe));
    const used = s.writes ? s.row3 : s.adds ? s.row2 : s.multiplies ? s.row1 : 0;
    const from = Math.max(0, Math.min(last - kMostRegisters, used - (kMostRegisters >> 1)));
    for (let k = 0; k < kMostRegisters; ++k) {
      const row = from + k;
      const shown = row < last;
      setText(`n-register-0-${k}`, shown ? `b${this.globalRow(row)}` : "");
      setText(`t-register-0-${k}`, shown ? this.at(`act_rw.destination_[${row}]`) : "");
      setLive(`b-register-0-${k}`, shown && ((s.writes && row === s.row3) || (s.multiplies && row === s.row1)));
      byId(`b-register-0-${k}`).classList.toggle("empty", !shown);
    }
    const batch = spanAt(run.batches, this.cycle);
    const columns = batch === null ? 0 : batch.columns;
    const most = Math.ceil(Math.max(0, columns - this.pe) / header.n_pe);
    const next = s.candidate ? Math.floor(s.candidateColumn / header.n_pe) : 0;
    const begin = Math.max(0, Math.min(most - kMostRegisters, next - 2));
    for (let k = 0; k < kMostRegisters; ++k) {
      const place = begin + k;
      const shown = place < most;
      const column = shown ? columnAt(s.launch, batch.firstColumn + place * header.n_pe + this.pe) : 0;
      setText(`n-register-1-${k}`, shown ? `a${column}` : "");
      setText(`t-register-1-${k}`, shown ? this.at(`act_rw.source_[${place}]`) : "");
      setLive(`b-register-1-${k}`, shown && s.candidate && place === next);
      byId(`b-register-1-${k}`).classList.toggle("empty", !shown);
    }
    const operation = ["", "clear sums", "read bias", "read a", "", "write b"][this.at("act_rw.control_op")];
    setText("t-sram", operation);
    setLive("b-sram", operation !== "" && operation !== "clear sums");
    setLive("w-sram", operation !== "" && operation !== "clear sums");
    const first = batch === null ? 0 : batch.firstColumn;
    setText("t-detect", s.candidate ? `a${columnAt(s.launch, first + s.candidateColumn)} = ${s.candidateValue}` : s.exhausted ? "exhausted" : "");
    setLive("b-detect", s.candidate);
    setLive("w-source", s.candidate);
    setLive("w-candidate", s.pop);
  }

  showTree(s) {
    const batch = spanAt(run.batches, this.cycle);
    for (let p = 0; p < header.n_pe; ++p) {
      const valid = this.wires.get(`pe_${p}.act_rw.candidate_valid`, this.cycle) === 1;
      const pop = this.wires.get(`pe_${p}.act_rw.pop`, this.cycle) === 1;
      const column = this.wires.get(`pe_${p}.act_rw.candidate_column`, this.cycle);
      const text = byId(`t-pe-${p}`);
      if (text !== null) {
        const done = this.wires.get(`pe_${p}.act_rw.exhausted`, this.cycle) === 1;
        text.textContent = valid ? `a${columnAt(s.launch, column + (batch === null ? 0 : batch.firstColumn))}` : done ? "exhausted" : "";
      }
      byId(`b-pe-${p}`).classList.toggle("chosen", p === this.pe);
      setLive(`b-pe-${p}`, valid);
      if (header.n_pe > 1) setLive(`w-tree-0-${p}`, pop);
    }
    const root = this.ccu("root_valid") === 1;
    const full = this.ccu("any_full") === 1;
    setLive("w-root", root);
    this.sizes.forEach((count, level) => {
      for (let k = 0; k < count; ++k) setLive(`b-node-${level}-${k}`, level + 1 === this.sizes.length && root);
    });
    setLive("w-bus", s.broadcast);
    setLive("b-ccu", s.ccu !== "idle");
    setText("t-ccu", s.broadcast ? `broadcasts a${s.broadcastColumn} = ${s.broadcastValue}` : `state ${s.ccu}`);
    const waits = root && full && s.ccu === "compute";
    const stall = spanAt(run.stalls, this.cycle);
    setText("t-ccu-more", waits ? `waits: queue of PE ${stall === null ? "?" : stall.pes.join(", ")} full` :
      s.broadcast ? `state ${s.ccu}` : "");
  }

  // --- Moving -----------------------------------------------------------------------------------------------------

  /** Also moves the timeline's cursor. */
  show(cycle, pe = this.pe) { setCursor(Math.max(0, Math.min(this.wires.cycles - 1, cycle)), pe); }

  follow(cursor) {
    if (cursor.cycle >= this.wires.cycles) {
      byId("sentence").textContent = `Cycle ${cursor.cycle} is behind the ${this.wires.cycles} that the player has.`;
      return;
    }
    this.cycle = cursor.cycle;
    this.pe = cursor.pe;
    byId("player-cycle").value = this.cycle;
    byId("player-number").value = `${this.cycle} of ${this.wires.cycles - 1}`;
    byId("player-pe").value = this.pe;
    this.draw();
  }

  play(on) {
    clearInterval(this.timer);
    this.timer = null;
    if (on) {
      if (this.cycle >= this.wires.cycles - 1) this.show(0);
      this.timer = setInterval(() => {
        if (this.cycle >= this.wires.cycles - 1) this.play(false);
        else this.show(this.cycle + 1);
      }, Number(byId("player-speed").value));
    }
    byId("player-play").textContent = on ? "Pause" : "Play";
    byId("player-play").setAttribute("aria-pressed", String(on));
  }

  connect() {
    byId("player-cycle").max = this.wires.cycles - 1;
    for (let p = 0; p < header.n_pe; ++p) byId("player-pe").append(new Option(String(p), p));
    byId("player-first").addEventListener("click", () => this.show(0));
    byId("player-back").addEventListener("click", () => this.show(this.cycle - 1));
    byId("player-step").addEventListener("click", () => this.show(this.cycle + 1));
    byId("player-play").addEventListener("click", () => this.play(this.timer === null));
    byId("player-cycle").addEventListener("input", (event) => this.show(Number(event.target.value)));
    byId("player-pe").addEventListener("change", (event) => this.show(this.cycle, Number(event.target.value)));
    byId("player-speed").addEventListener("change", () => { if (this.timer !== null) this.play(true); });
    kKeys.push([[" "], "Space", "play, pause", () => this.play(this.timer === null)]);
    listeners.push((cursor) => this.follow(cursor));
  }
}

let player = null;

function startPlayer() {
  const about = header.player;
  if (about.left_out !== "") {
    byId("player-note").hidden = false;
    byId("player-note").textContent = about.left_out;
  }
  if (about.cycles === 0) return;
  byId("player-body").hidden = false;
  player = new Player(new Wires(about, new Reader(byId("wires").textContent)));
  player.connect();
}
