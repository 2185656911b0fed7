// SPDX-License-Identifier: Apache-2.0
// Puts clock gates of a Liberty file in front of flip-flops that share an enable: pass `clockgate` of a newer Yosys than Debian's.
//
//   node clock_gates.mjs PACKAGE IN.v TOP LIBRARY.lib LEAST OUT.v [REGISTER[:BIT]]...
//
// PACKAGE is the folder of the npm package @yowasp/yosys; LEAST the fewest flip-flops that get a gate. OUT.v is Verilog of simple gates,
// flip-flops and the library's gating cells. A REGISTER gets a clock only in cycles in which it changes, from bit BIT on: its enable
// is anded with the comparison of what it has and what it would take.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [pkg, input, top, library, least, output, ...registers] = process.argv.slice(2);
if (!output) {
  console.error('usage: clock_gates.mjs PACKAGE IN.v TOP LIBRARY.lib LEAST OUT.v');
  process.exit(2);
}
const { runYosys } = await import(pathToFileURL(path.resolve(pkg, 'gen', 'bundle.js')));
// Such a register: bits below BIT as they are, the others with an enable.
const compare = (bit) => `module \\$dff (input CLK, input [WIDTH-1:0] D, output reg [WIDTH-1:0] Q);
  parameter WIDTH = 1; parameter CLK_POLARITY = 1;
  always @(posedge CLK) if (D[WIDTH-1:${bit}] != Q[WIDTH-1:${bit}]) Q[WIDTH-1:${bit}] <= D[WIDTH-1:${bit}];
  ${bit > 0 ? `always @(posedge CLK) Q[${bit - 1}:0] <= D[${bit - 1}:0];` : ''}
endmodule
`;
const maps = {};
let names = '', comparisons = '';
registers.forEach((register, k) => {
  const [name, bit] = register.split(':');
  maps[`compare${k}.v`] = compare(Number(bit ?? 0));
  names += `setattr -set keep 1 w:${name}; `;
  const flops = `w:${name} %ci1:+[Q] w:${name} %d`;
  comparisons += `dffunmap ${flops}; select -assert-${Number(bit ?? 0) > 0 ? 'count' : 'min'} 1 ${flops}; techmap -autoproc -max_iter 1 -map compare${k}.v ${flops}; `;
});
const script = `read_verilog in.v; hierarchy -top ${top}; proc; flatten; ${names}opt -mux_undef; wreduce; peepopt; opt_clean; ${comparisons}` +
  'alumacc; opt; techmap; opt; ' +
  `dfflegalize -cell $_DFF_P_ x -cell $_DFFE_PP_ x -mince ${least}; opt; clockgate -liberty cells.lib -min_net_size ${least}; ` +
  'dfflegalize -cell $_DFF_P_ x; opt_clean; write_verilog -noattr out.v';
const bytes = [];
const keep = (chunk) => { if (chunk) bytes.push(...chunk); };
try {
  const made = await runYosys(['-q', '-p', script], { ...maps, 'in.v': fs.readFileSync(input, 'utf8'), 'cells.lib': fs.readFileSync(library, 'utf8') },
    { stdout: keep, stderr: keep });
  fs.writeFileSync(output, made['out.v']);
} catch (error) {
  console.error(Buffer.from(bytes).toString().slice(-3000) || String(error));
  process.exit(1);
}
