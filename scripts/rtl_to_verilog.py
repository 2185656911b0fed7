#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plain Verilog (2001) from the SystemVerilog of hw/rtl, for tools that do not read the latter, such as yosys 0.23.

usage: rtl_to_verilog.py FILE.sv [-o FILE.v] [--module NAME]... [--sram black-box|keep|ports|cut]
                         [--free MODULE.REGISTER]... [--probe MODULE.SIGNAL]...

Verilator reads the file, as it does for the rtl engine, and writes what it understood as XML: every operand has its width
and its sign by then. This script writes that as Verilog: loops unrolled, functions in place, arrays as vectors
(element 0 in the low bits). So the netlist follows the same reading of the language as the simulated RTL.

--module  write only these modules (default: all)
--sram    black-box: modules eie_sram_* are empty; keep: they are copied as they are, in SystemVerilog; ports: the wires of an SRAM become ports of the module it is in;
          cut: as ports, but all of an SRAM's inputs are left out (for proofs that do not look at memories)
--free    the register becomes an input of its module
--probe   the signal becomes an output, probe_SIGNAL, of its module
Needs Verilator and Python 3, nothing else.
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.dont_write_bytecode = True
from rtl_types import Type, Types, Var, const_of  # noqa: E402  (beside this file)

BINARY = {'add': '+', 'sub': '-', 'and': '&', 'or': '|', 'xor': '^', 'eq': '==', 'neq': '!=', 'gt': '>', 'lt': '<',
          'gte': '>=', 'lte': '<=', 'shiftl': '<<', 'shiftr': '>>', 'mul': '*', 'logand': '&&', 'logor': '||'}
SIGNED = {'gts': '>', 'lts': '<', 'gtes': '>=', 'ltes': '<='}
UNARY = {'not': '~', 'lognot': '!', 'negate': '-', 'redor': '|', 'redand': '&', 'redxor': '^'}


class Module:
    def __init__(self, node, types, options):
        self.node = node
        self.types = types
        self.options = options
        self.name = node.get('name')

    # ---- names ----
    def lookup(self, name):
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        sys.exit(f'rtl_to_verilog: {self.name}: no variable {name}')

    def declare(self, element, local):
        name = re.sub(r'\W', '_', element.get('name'))
        plain = name
        if local:
            name = f'{self.process}__{name}'
            while name in self.taken:
                name += '_'
        self.taken.add(name)
        var = Var(name, self.types[element.get('dtype_id')], element.get('dir'))
        self.scopes[-1][element.get('name')] = var
        if local:
            self.locals.append(var)
        return var, plain

    # ---- expressions ----
    def width(self, element):
        return self.types[element.get('dtype_id')].width

    def const(self, element):
        """The value of an expression of constants and loop variables, else None."""
        tag = element.tag
        if tag == 'const':
            return const_of(element)[1]
        if tag == 'varref':
            return self.loop.get(self.lookup(element.get('name')).name)
        if tag == 'arraysel':
            return None
        values = [self.const(c) for c in element]
        if not values or any(v is None for v in values):
            return None
        mask = (1 << self.width(element)) - 1
        a = values[0]
        if tag in ('add', 'sub', 'and', 'or', 'xor', 'eq', 'neq', 'gt', 'lt', 'gte', 'lte', 'mul', 'shiftl', 'shiftr'):
            b = values[1]
            if tag in ('shiftl', 'shiftr') and b > 4096:
                return 0
            return int(eval(f'a {BINARY[tag]} b')) & mask
        if tag in SIGNED:
            w = self.width(element[0])
            a, b = (v - (1 << w) if v >> (w - 1) else v for v in values)
            return int(eval(f'a {SIGNED[tag]} b'))
        if tag == 'sel':
            return (a >> values[1]) & ((1 << values[2]) - 1)
        if tag == 'extend':
            return a
        if tag == 'extends':
            w = self.width(element[0])
            return (a - (1 << w) if a >> (w - 1) else a) & mask
        return None

    def is_simple(self, element):
        return element.tag == 'varref' and self.lookup(element.get('name')).type.count is None and self.const(element) is None

    def temp(self, text, width):
        var = Var(f'{self.process}__t{len(self.locals)}', Type(width))
        self.locals.append(var)
        self.emit(f'{var.name} = {text};')
        return var.name

    def array(self, element):
        """(variable, [(index expression, stride)], constant part of the index) of a chain of arraysel."""
        if element.tag == 'varref':
            return self.lookup(element.get('name')), [], 0
        if element.tag != 'arraysel':
            sys.exit('rtl_to_verilog: array expression not understood: ' + element.tag)
        var, parts, base = self.array(element[0])
        stride = self.types[element.get('dtype_id')].count or 1
        at = self.const(element[1])
        if at is not None:
            return var, parts, base + at * stride
        return var, parts + [(element[1], stride)], base

    def slice(self, var, k):
        w = var.type.width
        return f'{var.name}[{k * w + w - 1}:{k * w}]'

    def index(self, var, parts, base):
        """A temporary with the flat index, and its width."""
        bits = max(1, (var.type.count - 1).bit_length())
        terms = [f"{bits}'d{base}"] if base else []
        for expression, stride in parts:
            if stride & (stride - 1) == 0 and stride > 1:
                terms.append('{' + self.expr(expression) + f", {stride.bit_length() - 1}'b0" + '}')
            else:
                terms.append(self.expr(expression) + (f' * {stride}' if stride > 1 else ''))
        widest = max([bits] + [self.width(e) + stride.bit_length() - 1 for e, stride in parts])
        return self.temp(' + '.join(terms), widest), widest

    def element(self, element):
        """An element to read: a slice, or a tree of multiplexers."""
        var, parts, base = self.array(element)
        if not parts:
            return self.slice(var, base)
        at, bits = self.index(var, parts, base)

        def tree(low, level):
            if low >= var.type.count:
                return f"{var.type.width}'bx"
            if level < 0:
                return self.slice(var, low)
            other = low + (1 << level)
            if other >= var.type.count and level:
                return tree(low, level - 1)
            return f'({at}[{level}] ? {tree(other, level - 1)} : {tree(low, level - 1)})'

        return self.temp(tree(0, bits - 1), var.type.width)

    def write_element(self, var, parts, base, sign, value):
        """An element at a variable index: each element is kept or takes the value."""
        at, bits = self.index(var, parts, base)
        hit = self.temp(f"{var.type.count}'b1 << {at}", var.type.count)
        held = self.temp(value, var.type.width)
        each = [f'({hit}[{k}] ? {held} : {self.slice(var, k)})' for k in reversed(range(var.type.count))]
        self.emit(f'{var.name} {sign} {{{", ".join(each)}}};')

    def expr(self, element):
        tag = element.tag
        value = self.const(element)
        if value is not None:
            return f"{self.width(element)}'h{value:x}"
        if tag == 'varref':
            var = self.lookup(element.get('name'))
            return var.name
        if tag == 'arraysel':
            return self.element(element)
        if tag == 'muls':
            a, b = (self.expr(c[0] if c.tag == 'extends' else c) for c in element)
            return self.temp(f'$signed({a}) * $signed({b})', self.width(element))
        if tag in BINARY:
            return f'({self.expr(element[0])} {BINARY[tag]} {self.expr(element[1])})'
        if tag in SIGNED:
            return f'($signed({self.expr(element[0])}) {SIGNED[tag]} $signed({self.expr(element[1])}))'
        if tag in UNARY:
            return f'({UNARY[tag]}{self.expr(element[0])})'
        if tag == 'shiftrs':
            return self.temp(f'$signed({self.expr(element[0])}) >>> {self.expr(element[1])}', self.width(element))
        if tag == 'cond':
            return '(' + self.expr(element[0]) + ' ? ' + self.expr(element[1]) + ' : ' + self.expr(element[2]) + ')'
        if tag == 'concat':
            return '{' + self.expr(element[0]) + ', ' + self.expr(element[1]) + '}'
        if tag == 'extend':
            return '{' + f"{self.width(element) - self.width(element[0])}'b0, {self.expr(element[0])}" + '}'
        if tag == 'extends':
            narrow = self.width(element[0])
            inner = self.expr(element[0])
            if not self.is_simple(element[0]):
                inner = self.temp(inner, narrow)
            sign = f'{inner}[{narrow - 1}]' if narrow > 1 else inner
            return '{{' + f'{self.width(element) - narrow}{{{sign}}}' + '}, ' + inner + '}'
        if tag == 'sel':
            count = const_of(element[2])[1]
            if self.is_simple(element[0]):
                base = self.expr(element[0])
            else:
                base = self.temp(self.expr(element[0]), self.width(element[0]))
            at = self.const(element[1])
            if self.width(element[0]) == 1:
                return base
            if at is not None:
                return f'{base}[{at + count - 1}:{at}]'
            return f'{base}[{self.expr(element[1])} +: {count}]'
        sys.exit(f'rtl_to_verilog: {self.name}: expression not understood: {tag}')

    # ---- statements ----
    def emit(self, text):
        self.lines.append('  ' * self.depth + text)

    def assign(self, element, sign):
        right, left = element
        if left.tag == 'varref':
            to = self.lookup(left.get('name'))
            if f'{self.name}.{to.name}' in self.options.free:
                return
            # A local that is assigned in one place: a loop may start from it.
            if to in self.locals and self.assigned[left.get('name')] == 1:
                self.loop[to.name] = self.const(right)
            target = to.name
        elif left.tag == 'arraysel':
            var, parts, base = self.array(left)
            if parts:
                self.write_element(var, parts, base, sign, self.expr(right))
                return
            target = self.slice(var, base)
        elif left.tag == 'sel':
            at, count = self.const(left[1]), const_of(left[2])[1]
            base = self.expr(left[0])
            target = f'{base}[{at + count - 1}:{at}]' if at is not None else f'{base}[{self.expr(left[1])} +: {count}]'
        else:
            sys.exit('rtl_to_verilog: target not understood: ' + left.tag)
        self.emit(f'{target} {sign} {self.expr(right)};')

    def block(self, elements):
        """Statements of one scope; a loop is unrolled from the assignment in front of it."""
        self.scopes.append({})
        elements = list(elements)
        for k, element in enumerate(elements):
            following = elements[k + 1] if k + 1 < len(elements) else None
            if element.tag == 'assign' and following is not None and following.tag == 'while':
                continue
            if element.tag == 'while':
                self.unroll(elements[k - 1], element)
            else:
                self.statement(element)
        self.scopes.pop()

    def unroll(self, start, loop):
        pre, condition, body, step = loop
        name = self.lookup(start[1].get('name')).name
        self.loop[name] = self.const(start[0])
        while True:
            go = self.const(condition[0])
            if go is None:
                sys.exit(f'rtl_to_verilog: {self.name}: loop without constant bounds')
            if not go:
                break
            self.block(body)
            self.loop[name] = self.const(step[0][0])
        del self.loop[name]

    def statement(self, element):
        tag = element.tag
        if tag == 'var':
            self.declare(element, True)
        elif tag == 'assign':
            self.assign(element, '=')
        elif tag == 'assigndly':
            self.assign(element, '<=')
        elif tag == 'begin':
            self.block(element)
        elif tag == 'if':
            condition = self.expr(element[0])
            self.emit(f'if ({condition}) begin')
            self.depth += 1
            self.block(element[1])
            self.depth -= 1
            if len(element) > 2 and len(element[2]):
                self.emit('end else begin')
                self.depth += 1
                self.block(element[2])
                self.depth -= 1
            self.emit('end')
        elif tag == 'case':
            value = self.temp(self.expr(element[0]), self.width(element[0]))
            opened = 0
            for item in element[1:]:
                labels = [c for c in item if c.tag == 'const']
                body = [c for c in item if c.tag != 'const']
                if labels:
                    test = ' || '.join(f'{value} == {self.width(element[0])}\'h{const_of(c)[1]:x}' for c in labels)
                    self.emit(f'if ({test}) begin')
                    opened += 1
                self.depth += 1
                self.block(body)
                self.depth -= 1
                if labels:
                    self.emit('end else begin')
            for _ in range(opened):
                self.emit('end')
        elif tag == 'stmtexpr':
            self.statement(element[0])
        elif tag == 'taskref':
            self.block(self.tasks[element.get('name')])
        else:
            sys.exit(f'rtl_to_verilog: {self.name}: statement not understood: {tag}')

    def process_text(self, element):
        self.count += 1
        self.process = f'p{self.count}'
        self.locals = []
        self.lines = []
        self.depth = 2
        self.assigned = collections.Counter()
        for part in [element] + [self.tasks[e.get('name')] for e in element.iter('taskref')]:
            self.assigned.update(e[1].get('name') for e in part.iter('assign') if e[1].tag == 'varref')
        clock = element.find('sentree')
        self.block(c for c in element if c.tag != 'sentree')
        out = []
        for var in self.locals:
            out.append(f'  reg [{var.type.width * (var.type.count or 1) - 1}:0] {var.name};')
        if clock is None:
            # With nothing to wait for, `always @*` never begins in a simulator. `keep` is SystemVerilog anyway.
            parts = [element] + [self.tasks[e.get('name')] for e in element.iter('taskref')]
            written = {next(e[1].iter('varref')).get('name') for part in parts for e in part.iter('assign')}
            reads = any(e.get('name') not in written for part in parts for e in part.iter('varref'))
            out.append('  always_comb begin' if not reads and self.options.sram == 'keep' else '  always @* begin')
            # Each is assigned before it is read; said here, so that no latch is thought of.
            out += [f"    {var.name} = {var.type.width}'bx;" for var in self.locals]
        else:
            if [i.get('edgeType') for i in clock] != ['POS']:
                sys.exit('rtl_to_verilog: sensitivity not understood')
            out.append(f'  always @(posedge {clock[0][0].get("name")}) begin')
        return out + self.lines + ['  end']

    def text(self):
        self.scopes = [{}]
        self.taken = set()
        self.loop = {}
        self.count = 0
        self.process = 'm'
        self.locals = []
        variables = []
        consts = []
        instances = []
        for element in self.node:
            if element.tag == 'var':
                var, _ = self.declare(element, False)
                if element.get('localparam') or element.get('param'):
                    consts.append((var, element))
                    self.loop[var.name] = const_of(element[0])[1] if element[0].tag == 'const' else None
                else:
                    variables.append(var)
            elif element.tag == 'instance':
                instances.append(element)
        self.tasks = {e.get('name'): e for e in self.node if e.tag == 'task'}
        body = []
        wires = set()  # driven by an instance or by a continuous assignment
        exposed = {}   # SRAM wires as ports
        for element in self.node:
            if element.tag == 'always':
                body += self.process_text(element)
            elif element.tag in ('contassign', 'initial'):
                for assign in [element] if element.tag == 'contassign' else element:
                    self.lines, self.depth = [], 1
                    right, left = assign
                    var, _, value = self.array(left)
                    self.emit(f'assign {var.name if left.tag == "varref" else self.element(left)} = {self.expr(right)};')
                    wires.add(var.name)
                    body += self.lines
        for instance in instances:
            is_sram = instance.get('defName').startswith('eie_sram')
            connections = []
            for port in instance:
                if not len(port):
                    continue
                if is_sram and self.options.sram in ('ports', 'cut') and port.get('name') != 'clk':
                    var = self.lookup(port[0].get('name'))
                    if port.get('direction') == 'out':
                        exposed[var.name] = 'input'
                    elif self.options.sram == 'ports':
                        exposed[var.name] = 'output'
                    continue
                if port[0].tag == 'varref':
                    actual = self.lookup(port[0].get('name'))
                    text = actual.name
                elif port[0].tag == 'const':
                    actual, text = None, self.expr(port[0])
                else:
                    actual, text = self.array(port[0])[0], self.element(port[0])
                if port.get('direction') == 'out':
                    wires.add(actual.name)
                connections.append(f'    .{port.get("name")}({text})')
            if not is_sram or self.options.sram in ('black-box', 'keep'):
                body.append(f'  {instance.get("defName")} {instance.get("name")} (')
                body.append(',\n'.join(connections))
                body.append('  );')
        ports, declarations = [], []
        for var in variables:
            bits = var.type.width * (var.type.count or 1)
            free = f'{self.name}.{var.name}' in self.options.free
            kind = 'wire' if var.name in wires else 'reg'
            direction = var.direction or exposed.get(var.name) or ('input' if free else None)
            if var.direction == 'inout':
                sys.exit('rtl_to_verilog: inout port')
            if direction == 'input':
                ports.append(f'  input wire [{bits - 1}:0] {var.name}')
            elif direction == 'output':
                ports.append(f'  output {kind} [{bits - 1}:0] {var.name}')
            else:
                declarations.append(f'  {kind} [{bits - 1}:0] {var.name};')
        for probe in self.options.probe:
            module, name = probe.split('.')
            if module != self.name:
                continue
            var = self.scopes[0][name]
            bits = var.type.width * (var.type.count or 1)
            ports.append(f'  output wire [{bits - 1}:0] probe_{name}')
            body.append(f'  assign probe_{name} = {var.name};')
        return '\n'.join([f'module {self.name} (', ',\n'.join(ports), ');'] + declarations + body + ['endmodule', ''])

    def black_box(self):
        ports = []
        for element in self.node:
            if element.get('dir'):
                width = self.types[element.get('dtype_id')].width
                ports.append(f'  {element.get("dir")} wire [{width - 1}:0] {element.get("name")}')
        return '\n'.join(['(* blackbox *)', f'module {self.name} (', ',\n'.join(ports), ');', 'endmodule', ''])


def main():
    parser = argparse.ArgumentParser(description='plain Verilog from the SystemVerilog of hw/rtl')
    parser.add_argument('file')
    parser.add_argument('-o', '--output')
    parser.add_argument('--module', action='append', default=[])
    parser.add_argument('--sram', choices=['black-box', 'keep', 'ports', 'cut'], default='black-box')
    parser.add_argument('--free', action='append', default=[])
    parser.add_argument('--probe', action='append', default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        xml = os.path.join(folder, 'rtl.xml')
        command = ['verilator', '--xml-only', '--xml-output', xml, '--top-module', 'Eie', '-Wno-fatal', '-Wno-lint',
                   '--Mdir', folder, options.file]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(done.stdout + 'rtl_to_verilog: Verilator does not accept ' + options.file)
        root = ElementTree.parse(xml).getroot()
    netlist = root.find('netlist')
    types = Types(netlist.find('typetable'))
    out = []
    known = [node.get('name') for node in netlist.iter('module')]
    for name in options.module + [f.split('.')[0] for f in options.free + options.probe]:
        if name not in known:
            sys.exit(f'rtl_to_verilog: {options.file} has no module {name}')
    for node in netlist.iter('module'):
        if options.module and node.get('name') not in options.module:
            continue
        module = Module(node, types, options)
        if module.name.startswith('eie_sram'):
            if options.sram == 'black-box':
                out.append(module.black_box())
            elif options.sram == 'keep':
                with open(options.file) as file:
                    out.append(re.search(rf'^module {module.name}\b.*?^endmodule\n', file.read(), re.M | re.S).group(0))
            continue
        out.append(module.text())
    text = '\n'.join(out)
    if options.output:
        with open(options.output, 'w') as file:
            file.write(text)
    else:
        print(text)


if __name__ == '__main__':
    main()
