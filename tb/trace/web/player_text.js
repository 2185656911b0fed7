// SPDX-License-Identifier: Apache-2.0
// What happens in a PE in a cycle, in one sentence; and what its registers stand for.

function sentenceOf(s, player) {
  const row = (local) => `b${player.globalRow(local)}`;
  const parts = [];
  if (s.valid && s.code !== 0) {
    parts.push(`code ${s.code} is looked up as the weight ${s.weight} of ${row(s.row)}`);
  } else if (s.valid) {
    parts.push(`a padding entry moves the row to ${s.row} and writes nothing`);
  }
  if (s.multiplies) parts.push(`the multiplier makes ${s.weight1} × ${s.value1} = ${s.product1} for ${row(s.row1)}`);
  if (s.adds) {
    parts.push(`the adder makes ${s.before} + ${s.shift > 0 ? `(${s.product} >> ${s.shift})` : s.product}` +
      `${s.after === undefined ? "" : ` = ${s.after}`} for ${row(s.row2)}` +
      (s.bypass ? ", with the sum of a moment ago by the bypass" : ""));
  }
  if (s.writes) parts.push(`${s.sum} is written to ${row(s.row3)}`);
  if (s.fresh) {
    const entries = s.second - s.first;
    parts.push(entries > 0 ? `pointers ${s.first} and ${s.second} give column ${s.pointerColumn} its ${plural(entries, "entry").replace("entrys", "entries")} here`
      : `column ${s.pointerColumn} has no entry here (both pointers are ${s.first})`);
  }
  if (s.take) parts.push(`pointer read takes column ${s.queue[0].column} from the queue`);
  if (parts.length === 0) parts.push(quietReason(s));
  return `Cycle ${s.cycle}, PE ${s.pe}: ${parts.join("; ")}.`;
}

/** Why nothing moves in the PE's pipeline. */
function quietReason(s) {
  if (s.ccu === "idle") return "the launch begins, and the control unit takes over the layer's descriptor";
  if (s.ccu === "clear") return "the destination registers are cleared";
  if (s.ccu === "bias") return "biases go from the activation SRAM to the destination registers";
  if (s.ccu === "load") return "activations go from the activation SRAM to the source registers";
  if (s.ccu === "arm") return "the scan for non-zero source activations is started";
  if (s.ccu === "store") return "the sums go through ReLU to the activation SRAM";
  if (s.ccu === "finish") return "the launch ends";
  if (s.level === 0) {
    if (s.candidate && s.pop) return `its next non-zero activation, ${s.candidateValue}, goes up the tree`;
    if (s.ccu === "drain") return "it has nothing left to do and waits for the others";
    return "its queue is empty, and it waits for a broadcast";
  }
  return "its queue waits";
}

/** The weight that the digits of hw/booth.h stand for. */
function weightOf(one, two, negative) {
  let weight = 0;
  for (let bit = 1; bit <= one || bit <= two; bit *= 4) {
    const has = (word) => Math.floor(word / bit) % 2;
    const magnitude = has(one) + 2 * has(two);
    weight += bit * (has(negative) ? -magnitude : magnitude);
  }
  return weight;
}
