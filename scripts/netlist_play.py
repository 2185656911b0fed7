# SPDX-License-Identifier: Apache-2.0
"""Plays recorded values at the ports of a netlist of standard cells, cycle by cycle: are its outputs those that were recorded, and
how often does each net toggle?

The netlist (yosys, write_verilog -noexpr, one clock `clk`) becomes plain equations from the functions of the Liberty file, a clock
gate an enable of the flip-flops behind it, and Verilator a program of them. Without delays, so a net toggles at most once a cycle:
glitches are not seen. Used by scripts/power. Needs verilator and make; installs nothing.
"""
import collections
import os
import re
import struct

import synthesis_flow as flow

TOP = 'netlist_play'


class Cell:
    """A cell of a Liberty file: its output pins with their functions of input pins; for a flip-flop what it takes over."""

    def __init__(self, body):
        pins = re.split(r'\bpin\s*\(\s*"?', body)
        self.outputs, self.capacitance, self.next_state, self.clock_pin = {}, {}, None, None
        latch = re.search(r'\bff\s*\(\s*"?(\w+)"?\s*,\s*"?(\w+)"?\s*\)\s*\{(.*?)\}', body, re.S)
        if latch:
            self.next_state = re.search(r'\bnext_state\s*:\s*"([^"]*)"', latch.group(3)).group(1)
            self.clock_pin = re.search(r'\bclocked_on\s*:\s*"(\w+)"', latch.group(3)).group(1)
        for pin in pins[1:]:
            name = re.match(r'\w+', pin).group(0)
            function = re.search(r'\bfunction\s*:\s*"([^"]*)"', pin)
            load = re.search(r'\bcapacitance\s*:\s*([\d.eE+-]+)', pin)
            if re.search(r'\bdirection\s*:\s*"?output', pin):
                self.outputs[name] = function.group(1) if function else ''
            elif load:
                self.capacitance[name] = float(load.group(1))
        if latch:  # true or inverted state
            self.outputs = {pin: {latch.group(1): 'state', latch.group(2): '!state'}.get(what, '') for pin, what in self.outputs.items()}


def cells_of(library, names):
    """Cell of each name."""
    with open(library.path, encoding='latin-1') as file:
        text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
    starts = list(re.finditer(r'\bcell\s*\(\s*"?([\w$]+)"?\s*\)\s*\{', text))
    ends = [m.start() for m in starts[1:]] + [len(text)]
    return {m.group(1): Cell(text[m.end():end]) for m, end in zip(starts, ends) if m.group(1) in names}


def verilog(function, net_of):
    """A Liberty function as a Verilog expression."""
    out = re.sub(r"(\w+)'", r'!\1', function).replace('*', '&').replace('+', '|').replace('!', '~')
    out = re.sub(r'(?<=[\w)])\s+(?=[\w(~])', ' & ', out)
    return re.sub(r'\b(?!1\b|0\b)([A-Za-z_]\w*)\b', lambda m: net_of(m.group(1)), out)


class Netlist:
    """Instances of a netlist: (cell, instance, {pin: net}); ports as lists of nets, least significant first."""

    def __init__(self, text):
        self.inputs, self.outputs = {}, {}
        for direction, high, low, name in re.findall(r'^\s*(input|output) (?:\[(\d+):(\d+)\] )?(\S+);$', text, re.M):
            width = int(high) - int(low) + 1 if high else 1
            nets = [f'{name}[{k}]' for k in range(width)] if high else [name]
            (self.inputs if direction == 'input' else self.outputs)[name] = nets
        self.widths = {name: len(nets) for ports in (self.inputs, self.outputs) for name, nets in ports.items()
                       if nets != [name]}
        for high, low, name in re.findall(r'^\s*wire \[(\d+):(\d+)\] (\S+) ?;$', text, re.M):
            self.widths[name] = int(high) - int(low) + 1
        self.same = {}
        for left, right in re.findall(r'^\s*assign (.+?) = (.+?);$', text, re.M):
            self.same.update(zip(self.bits(left), self.bits(right)))
        self.instances = []
        for cell, name, body in re.findall(r'^\s*(\w+) (\S+) \(\n(.*?)\n\s*\);', text, re.S | re.M):
            pins = {pin: self.bits(net)[0] for pin, net in re.findall(r'\.(\w+)\((.*?)\)\s*,?\s*$', body, re.M) if net.strip()}
            self.instances.append((cell, name, pins))

    def bits(self, text):
        """Nets of an expression: a name, a part of one, a constant, or several in braces; least significant first."""
        text = text.strip()
        if text.startswith('{'):
            found = []
            for part in reversed(text[1:-1].split(',')):
                found += self.bits(part)
            return found
        constant = re.fullmatch(r"(\d+)'([hb])([0-9a-fA-FxXzZ_]+)", text)
        if constant:
            digits = re.sub('[xXzZ]', '0', constant.group(3))
            value = int(digits, 16 if constant.group(2) == 'h' else 2)
            return [f"1'b{value >> k & 1}" for k in range(int(constant.group(1)))]
        part = re.fullmatch(r'(\S+?) ?\[(\d+)(?::(\d+))?\]', text)
        if part and part.group(3) is not None:
            return [f'{part.group(1)}[{k}]' for k in range(int(part.group(3)), int(part.group(2)) + 1)]
        if part and part.group(1) in self.widths:
            return [f'{part.group(1)}[{part.group(2)}]']
        name = text.rstrip()
        return [f'{name}[{k}]' for k in range(self.widths[name])] if name in self.widths else [text.replace(' ', '')]


class Play:
    """A netlist as a program. `nets`: [(instance, cell, output pin)] in the order of the counts."""

    def __init__(self, library, net_file, folder, gates, reuse=False):
        with open(net_file) as file:
            self.netlist = Netlist(file.read())
        self.cells = cells_of(library, {cell for cell, _, _ in self.netlist.instances})
        self.folder, self.gates = folder, gates  # clock gating cells: their enable pin
        # In one order for all netlists of a block, so that they can play the same file.
        self.inputs = [(name, k, net) for name, nets in sorted(self.netlist.inputs.items()) if name != 'clk' for k, net in enumerate(nets)]
        self.outputs = [(name, k, net) for name, nets in sorted(self.netlist.outputs.items()) for k, net in enumerate(nets)]
        self.nets = [(name, cell, pin) for cell, name, pins in self.netlist.instances for pin in self.cells[cell].outputs if pin in pins]
        os.makedirs(folder, exist_ok=True)
        text = self.text()
        if reuse and os.path.exists(os.path.join(folder, 'obj', 'play')):
            return
        flow.write(folder, 'play.v', text)
        flow.write(folder, 'play.cpp', HARNESS.format(top=TOP, inputs=len(self.inputs), outputs=len(self.outputs), nets=len(self.nets)))
        flow.run(['verilator', '--cc', '--exe', '--build', '-O3', '-Wno-lint', '-Wno-style', '--top-module', TOP, '--Mdir', 'obj', '-CFLAGS',
                  '-O0', '--output-split', '20000', 'play.v', 'play.cpp', '-o', 'play'], folder)

    def text(self):
        number = {}

        def net(name):
            name = self.netlist.same.get(name, name)
            if name.startswith("1'b"):
                return name
            return f'n{number.setdefault(name, len(number))}'

        def signal(net):
            return self.netlist.same.get(net, net)

        behind = {signal(pins[pin]): name for cell, name, pins in self.netlist.instances if cell in self.gates
                  for pin in self.cells[cell].outputs if pin in pins}
        self.enable_of = {name: signal(pins[self.gates[cell]]) for cell, name, pins in self.netlist.instances if cell in self.gates}
        self.clock_of = {}  # flip-flop or clock gate: the clock gate that it gets its clock from, or None
        for cell, name, pins in self.netlist.instances:
            clock = self.cells[cell].clock_pin
            if cell in self.gates:
                clock = next(pin for pin in self.cells[cell].capacitance if pin != self.gates[cell])
            if clock is not None:
                self.clock_of[name] = behind.get(signal(pins[clock]))
        through = {name: net for net, name in behind.items()}  # its output
        lines, order = [], []
        for cell, name, pins in self.netlist.instances:
            model = self.cells[cell]
            if cell in self.gates:  # the output stands for a cycle in which the clock gets through
                above = f' & {net(through[self.clock_of[name]])}' if self.clock_of[name] else ''
                lines += [f'assign {net(pins[pin])} = {net(pins[self.gates[cell]])}{above};' for pin in model.outputs if pin in pins]
            elif model.next_state is not None:
                enable = f'if ({net(through[self.clock_of[name]])}) ' if self.clock_of[name] else ''
                lines.append(f'reg s_{len(order)} = 0; always @(posedge clk) {enable}s_{len(order)} <= '
                             + verilog(model.next_state, lambda pin, p=pins: net(p[pin])) + ';')
                lines += [f'assign {net(pins[pin])} = {what.replace("state", f"s_{len(order)}").replace("!", "~")};'
                          for pin, what in model.outputs.items() if pin in pins]
            else:
                lines += [f'assign {net(pins[pin])} = {verilog(what, lambda p, n=pins: net(n[p]))};'
                          for pin, what in model.outputs.items() if pin in pins]
            order += [net(pins[pin]) for pin in model.outputs if pin in pins]
        lines += [f'assign {net(name)} = in[{k}];' for k, (_, _, name) in enumerate(self.inputs)]
        out = [f'assign out[{k}] = {net(name)};' for k, (_, _, name) in enumerate(self.outputs)]
        all_nets = [f'assign all[{k}] = {name};' for k, name in enumerate(order)]
        return (f'module {TOP} (input wire clk, input wire [{len(self.inputs) - 1}:0] in, output wire [{len(self.outputs) - 1}:0] out, '
                f'output wire [{len(self.nets) - 1}:0] all);\n' + ''.join(f'wire n{k};\n' for k in range(len(number)))
                + '\n'.join(lines + out + all_nets) + '\nendmodule\n')

    def run(self, stimulus):
        """Plays a file of Stimulus. Toggles and ones of each net and input in the counted cycles, and the outputs that differ."""
        counts = stimulus + '.' + os.path.basename(self.folder)
        # Verilator's functions of a large netlist have large frames.
        out = flow.run(['bash', '-c', 'ulimit -s unlimited; exec "$@"', 'play', os.path.join(self.folder, 'obj', 'play'), stimulus, counts],
                       self.folder).split()
        with open(counts, 'rb') as file:
            values = struct.unpack(f'<{2 * (len(self.nets) + len(self.inputs))}Q', file.read())
        os.remove(counts)
        pairs = list(zip(values[::2], values[1::2]))
        played, counted, compared, differ, first = map(int, out)
        where = None
        if differ:
            name, k, _ = self.outputs[first % len(self.outputs)]
            where = f'cycle {first // len(self.outputs)}: {name}[{k}]'
        return Played(played, counted, compared, differ, where, pairs[:len(self.nets)], pairs[len(self.nets):])


class Stimulus:
    """What the ports of a block had in each cycle, in a file for Play.run."""

    def __init__(self, play, path):
        self.path, self.file = path, open(path, 'wb')
        self.places, self.widths = {}, {}  # port: (side, offset), bits
        for side, ports in enumerate((play.inputs, play.outputs)):
            for offset, (name, k, _) in enumerate(ports):
                self.places.setdefault(name, (side, offset))
                self.widths[name] = k + 1
        self.missing = set(self.places)
        self.sizes = [4 * ((len(bits) + 31) // 32) for bits in (play.inputs, play.outputs)]
        self.values, self.known = [0, 0], 0

    def set(self, name, value, unknown):
        """From this cycle on; `unknown`: bits that are not compared, and 0 as inputs."""
        side, offset = self.places[name]
        mask = (1 << self.widths[name]) - 1 << offset
        self.values[side] = self.values[side] & ~mask | value << offset & mask
        if side == 1:
            self.known = (self.known | mask) & ~(unknown << offset)
        self.missing.discard(name)

    def cycle(self, counted):
        self.file.write(struct.pack('<I', counted) + self.values[0].to_bytes(self.sizes[0], 'little')
                        + self.values[1].to_bytes(self.sizes[1], 'little') + self.known.to_bytes(self.sizes[1], 'little'))

    def close(self):
        self.file.close()


Played = collections.namedtuple('Played', 'cycles counted compared differ first nets inputs')  # nets, inputs: (toggles, ones)

HARNESS = r'''// Written by scripts/netlist_play.py
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>
#include "V{top}.h"
constexpr unsigned kIn = {inputs}, kOut = {outputs}, kNets = {nets};
template <class T> void put(T& port, const std::vector<uint32_t>& words) {{ std::memcpy(&port, words.data(), sizeof port < 4 * words.size() ? sizeof port : 4 * words.size()); }}
template <class T> void get(const T& port, std::vector<uint32_t>& words) {{ std::memcpy(words.data(), &port, sizeof port < 4 * words.size() ? sizeof port : 4 * words.size()); }}
struct Counts {{
  explicit Counts(unsigned bits) : before((bits + 31) / 32), counts(2 * bits) {{}}
  void add(const std::vector<uint32_t>& now, unsigned bits, bool counted) {{
    for (unsigned w = 0; counted && w < before.size(); ++w) {{
      for (uint32_t changed = now[w] ^ before[w]; changed != 0; changed &= changed - 1) {{
        const unsigned bit = 32 * w + __builtin_ctz(changed);
        if (bit < bits) ++counts[2 * bit];
      }}
      for (uint32_t ones = now[w]; ones != 0; ones &= ones - 1) {{
        const unsigned bit = 32 * w + __builtin_ctz(ones);
        if (bit < bits) ++counts[2 * bit + 1];
      }}
    }}
    before = now;
  }}
  std::vector<uint32_t> before;
  std::vector<uint64_t> counts;
}};
int main(int, char** argv) {{
  V{top} top;
  std::FILE* in = std::fopen(argv[1], "rb");
  std::vector<uint32_t> given((kIn + 31) / 32), expected((kOut + 31) / 32), known(expected.size()), out(expected.size()), all((kNets + 31) / 32);
  Counts nets(kNets), inputs(kIn);
  unsigned long long cycles = 0, counted_cycles = 0, compared = 0, differ = 0, first = 0;
  uint32_t counted = 0;
  while (std::fread(&counted, 4, 1, in) == 1 && std::fread(given.data(), 4, given.size(), in) == given.size() &&
         std::fread(expected.data(), 4, expected.size(), in) == expected.size() && std::fread(known.data(), 4, known.size(), in) == known.size()) {{
    put(top.in, given);
    top.clk = 0;
    top.eval();
    get(top.all, all);
    get(top.out, out);
    nets.add(all, kNets, counted != 0);
    inputs.add(given, kIn, counted != 0);
    for (unsigned w = 0; w < out.size(); ++w) {{
      compared += __builtin_popcount(known[w]);
      const uint32_t wrong = (out[w] ^ expected[w]) & known[w];
      if (wrong != 0 && differ == 0) first = cycles * kOut + 32 * w + __builtin_ctz(wrong);
      differ += __builtin_popcount(wrong);
    }}
    top.clk = 1;
    top.eval();
    ++cycles;
    counted_cycles += counted != 0;
  }}
  std::FILE* file = std::fopen(argv[2], "wb");
  std::fwrite(nets.counts.data(), 8, nets.counts.size(), file);
  std::fwrite(inputs.counts.data(), 8, inputs.counts.size(), file);
  std::fclose(file);
  std::printf("%llu %llu %llu %llu %llu\n", cycles, counted_cycles, compared, differ, first);
}}
'''
