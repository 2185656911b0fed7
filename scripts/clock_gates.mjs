// SPDX-License-Identifier: Apache-2.0
// Puts clock gates of a Liberty file in front of flip-flops that share an enable: pass `clockgate` of a newer Yosys than Debian's.
//
//   node clock_gates.mjs PACKAGE IN.v TOP LIBRARY.lib LEAST OUT.v
//
// PACKAGE is the folder of the npm package @yowasp/yosys; LEAST the fewest flip-flops that get a gate. OUT.v is Verilog of simple gates,
// flip-flops and the library's gating cells.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [pkg, input, top, library, least, output] = process.argv.slice(2);
if (!output) {
  console.error('usage: clock_gates.mjs PACKAGE IN.v TOP LIBRARY.lib LEAST OUT.v');
  process.exit(2);
}
const { runYosys } = await import(pathToFileURL(path.resolve(pkg, 'gen', 'bundle.js')));
const script = `read_verilog in.v; hierarchy -top ${top}; proc; flatten; opt -mux_undef; wreduce; peepopt; opt_clean; alumacc; opt; techmap; opt; ` +
  `dfflegalize -cell $_DFF_P_ x -cell $_DFFE_PP_ x -mince ${least}; opt; clockgate -liberty cells.lib -min_net_size ${least}; ` +
  'dfflegalize -cell $_DFF_P_ x; opt_clean; write_verilog -noattr out.v';
const bytes = [];
const keep = (chunk) => { if (chunk) bytes.push(...chunk); };
try {
  const files = await runYosys(['-q', '-p', script], { 'in.v': fs.readFileSync(input, 'utf8'), 'cells.lib': fs.readFileSync(library, 'utf8') },
    { stdout: keep, stderr: keep });
  fs.writeFileSync(output, files['out.v']);
} catch (error) {
  console.error(Buffer.from(bytes).toString().slice(-3000) || String(error));
  process.exit(1);
}
