# SPDX-License-Identifier: Apache-2.0
"""Logic synthesis and timing of one module with a Liberty file: yosys, yosys-abc and OpenSTA.

    library = Library('cells.lib.gz', folder)
    result = synthesise(library, folder, 'ActQueue', ['ActQueue.v'], period=1.15)

Used by scripts/area and scripts/study_padding. Needs these Debian packages: yosys, opensta. Installs nothing.
"""
import collections
import concurrent.futures
import gzip
import hashlib
import os
import re
import shutil
import subprocess

PAPER_LIMIT = 1.15  # ns: the paper's critical path at 45 nm, the target of the synthesis there
ACCESS = 0.4  # ns at 45 nm, assumed of an SRAM
YOWASP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'build', 'npm', 'node_modules', '@yowasp', 'yosys')
SLEW = 0.1  # ns, of inputs; no more than the FO4 delay
LOAD = 2.0  # at each output of a module, in inputs of the library's smallest inverter
WITHIN = 1.05 / PAPER_LIMIT  # of the period, for paths that do not begin at an SRAM
# Ways for abc, `lean` where there are clock gates; {D} is the period in ps, {T} what gates are sized for: abc is kinder than OpenSTA.
SCRIPTS = {
    'small': ['strash', '&get -n', '&st', '&dch -f', '&syn3', '&syn3', '&syn4', '&dch -f', '&nf -R 20 -F 10', '&put', 'topo',
              'buffer -c -N 16', 'upsize -D {T}', 'dnsize -D {T}', 'stime -p'],
    'fast': ['strash', 'dch -f', 'if -g -K 6', 'strash', 'dch -f', 'balance', 'map -B 0.9 -M 0 -D {D}', 'topo', 'buffer -c -N 8',
             'upsize -D {D}', 'dnsize -D {D}', 'stime -p'],
    'lean': ['strash', 'dch -f', 'if -g -K 8', 'strash', 'dch -f', 'balance', 'map -a -D {D}', 'topo', 'buffer -c -N 8',
             'upsize -D {T}', 'dnsize -D {T}', 'stime -p'],
}
SIZED_FOR = 0.7  # of the period
GROUP = 8  # clock gates behind one more
# Registers that mostly take what they have: with clock gates, they get a clock in the cycles in which they change; :N from bit N on.
CHANGES = {'ArithUnit': ('entries_:8', 'value1_'), 'SpmatRead': ('value_', 'held_row_')}
YOSYS = ('{read}; hierarchy -top {top}; proc; flatten; opt -mux_undef -nodffe -nosdff; wreduce; peepopt; opt_clean; alumacc; '
         'opt -nodffe -nosdff; techmap; opt -nodffe -nosdff; dfflegalize -cell $_DFF_P_ x; opt; dfflibmap -liberty {lib}; '
         'abc -liberty {lib} -constr {variant}.constr -script {variant}.script; opt_clean -purge; splitnets; opt_clean -purge; stat -liberty {lib}; '
         'write_verilog -noattr -noexpr {variant}.net.v')
STA = '''read_liberty {lib}
read_verilog {variant}.net.v
link_design {top}
create_clock -name clk -period {period} {clock}
set plain [list]
set sram [list]
foreach p [all_inputs] {{
  set name [get_property $p full_name]
  if {{$name == "clk"}} {{ continue }}
  if {{[regexp {{^({sram})(\\[\\d+\\])?$}} $name]}} {{ lappend sram $p }} else {{ lappend plain $p }}
}}
set inputs [concat $plain $sram]
set_input_delay 0 -clock clk $inputs
set_input_transition {slew} $inputs
set_output_delay 0 -clock clk [all_outputs]
set_load {load} [all_outputs]
proc paths {{name from to}} {{
  puts "== $name"
  if {{[llength $from] && [llength $to]}} {{ report_checks -path_delay max -from $from -to $to -digits 4 }}
}}
set ends [all_registers -data_pins]
foreach p [list {enables}] {{ lappend ends {{*}}[get_pins $p] }}
paths rr [all_registers -clock_pins] $ends
paths ir $inputs $ends
paths ro [all_registers -clock_pins] [all_outputs]
paths io $inputs [all_outputs]
if {{[llength $sram]}} {{ set_input_delay {access} -clock clk $sram }}
paths sr $sram $ends
paths so $sram [all_outputs]
set data [list]
foreach p [all_outputs] {{ if {{[regexp {{^q(\\[\\d+\\])?$}} [get_property $p full_name]]}} {{ lappend data $p }} }}
paths sq $sram $data
exit
'''
FO4_STA = '''read_liberty {lib}
read_verilog fo4.v
link_design fo4
create_clock -name clk -period 10
set_input_delay 0 -clock clk [get_ports a]
set_input_transition {slew} [get_ports a]
set_output_delay 0 -clock clk [all_outputs]
report_checks -path_delay max -rise_from [get_ports a] -to [get_ports y] -digits 5
report_checks -path_delay max -fall_from [get_ports a] -to [get_ports y] -digits 5
exit
'''


class Failure(Exception):
    """What went wrong, and where."""


def need(tools, packages):
    """Failure if one of the programs is missing."""
    for tool in tools:
        if not shutil.which(tool):
            raise Failure(f'{tool} is not installed; Debian packages: {packages}')


def clock_gating(library, least):
    """`gate` of synthesise(); None: no clock gates. `least` as given, None: 4 where the library has gating cells."""
    least = least if least is not None else 4 if library.clock_gates else 0
    if least <= 0:
        return None
    need(('node',), 'nodejs')
    if not os.path.isdir(YOWASP):
        raise Failure(f'no {os.path.relpath(YOWASP)}: npm install --prefix build/npm @yowasp/yosys; or --gate 0')
    return YOWASP, least


def version(command):
    """First line of what the command prints."""
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.strip().splitlines()
    return out[0] if out else '?'


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Failure(f'{os.path.basename(command[0])} failed: {" ".join(command)[:300]}\n{done.stdout[-3000:]}')
    return done.stdout


def write(folder, name, text):
    with open(os.path.join(folder, name), 'w') as file:
        file.write(text)


class Library:
    """A Liberty file, plain or .gz: area in um2 and role of each cell, units, corner."""

    def __init__(self, path, folder):
        try:
            with open(path, 'rb') as file:
                data = file.read()
            if data[:2] == b'\x1f\x8b':
                data = gzip.decompress(data)
        except (OSError, EOFError, gzip.BadGzipFile) as error:
            raise Failure(f'{path}: {error}; expected a Liberty file, plain or .gz') from None
        text = data.decode('latin-1')
        name = re.search(r'\blibrary\s*\(\s*"?([^")\s]+)"?\s*\)\s*\{', text)
        if not name:
            raise Failure(f'{path}: no group library(...): expected a Liberty file, plain or .gz')
        self.name = name.group(1)
        self.file = os.path.basename(path)
        self.digest = hashlib.sha256(data).hexdigest()
        text = re.sub(r'/\*.*?\*/', '', text, flags=re.S)
        self.path = os.path.abspath(os.path.join(folder, self.digest[:8] + '.lib'))
        with open(self.path, 'wb') as file:
            file.write(data)
        head = text[:re.search(r'\bcell\s*\(', text).start()] if re.search(r'\bcell\s*\(', text) else text
        self.attributes = dict(re.findall(r'^\s*(revision|date|comment|nom_process|nom_voltage|nom_temperature)\s*:\s*"?([^";\n]*)"?\s*;',
                                          head, re.M))
        unit = re.search(r'\btime_unit\s*:\s*"?1(\w)s', head)
        self.ns = {'n': 1.0, 'p': 1e-3}.get(unit.group(1) if unit else 'n')
        if self.ns is None:
            raise Failure(f'{path}: time_unit {unit.group(0)} is not understood: expected 1ns or 1ps')
        load = re.search(r'\bcapacitive_load_unit\s*\(\s*([\d.]+)\s*,\s*"?([fp])f"?\s*\)', head, re.I)
        self.farad = float(load.group(1)) * {'f': 1e-15, 'p': 1e-12}[load.group(2).lower()] if load else 1e-12
        self.volt = float(self.attributes.get('nom_voltage', 0))
        model = re.search(r'\bdefault_wire_load\s*:\s*"?([^";\s]+)', text)
        self.wires = f'wire load model {model.group(1)} of the library, in OpenSTA alone' if model else 'none'
        self.area, self.flops, self.clock_gates, inverters = {}, set(), {}, []  # a gate: its enable pin
        starts = [m for m in re.finditer(r'\bcell\s*\(\s*"?([\w$]+)"?\s*\)\s*\{', text)]
        for m, end in zip(starts, [m.start() for m in starts[1:]] + [len(text)]):
            body = text[m.end():end]
            area = re.search(r'\barea\s*:\s*([\d.eE+-]+)', body)
            self.area[m.group(1)] = float(area.group(1)) if area else 0.0
            named = {re.match(r'\w+', pin).group(0): pin for pin in re.split(r'\bpin\s*\(\s*"?', body)[1:]}
            if re.search(r'\bclock_gating_integrated_cell\b', body):
                self.clock_gates[m.group(1)] = next((pin for pin, part in named.items()
                                                     if re.search(r'\bclock_gate_enable_pin\s*:\s*"?true', part)), None)
            elif re.search(r'\bff\s*\(', body):
                self.flops.add(m.group(1))
            function = [(pin, re.search(r'\bfunction\s*:\s*"([^"]*)"', part)) for pin, part in named.items()]
            function = [(pin, found.group(1)) for pin, found in function if found]
            if len(named) == 2 and len(function) == 1:
                out, what = function[0]
                source = next(pin for pin in named if pin != out)
                load = re.search(r'\bcapacitance\s*:\s*([\d.eE+-]+)', named[source])
                if re.sub(r'[\s()]', '', what) in (f'!{source}', f"{source}'") and load and self.area[m.group(1)] > 0:
                    inverters.append((self.area[m.group(1)], m.group(1), source, out, float(load.group(1))))
        if not inverters or not self.flops:
            raise Failure(f'{path}: {"no inverter" if not inverters else "no flip-flop"} among {len(self.area)} cells: '
                          'expected a library of standard cells')
        inverters.sort()
        _, self.inverter, self.inverter_in, self.inverter_out, self.inverter_load = inverters[0]
        self.driver = next((i[1] for i in inverters if i[1].endswith('X4')), inverters[min(2, len(inverters) - 1)][1])
        self.load = LOAD * self.inverter_load  # in the library's unit
        self.fo4 = self.measure_fo4(folder)
        self.slew = min(SLEW, self.fo4) / self.ns  # of inputs, in the library's unit

    def corner(self):
        found = self.attributes
        parts = [f'{found["nom_voltage"]} V' if 'nom_voltage' in found else '', f'{found["nom_temperature"]} C' if 'nom_temperature' in found
                 else '', f'process factor {found["nom_process"]}' if 'nom_process' in found else '']
        return ', '.join(p for p in parts if p)

    def measure_fo4(self, folder):
        """ns: delay of the smallest inverter with four of it behind, the mean of both edges."""
        def stage(name, a, y):
            return f'  {self.inverter} {name} (.{self.inverter_in}({a}), .{self.inverter_out}({y}));\n'

        # Each stage drives four of the next; the third is measured, so that its input edge is that of a stage like it.
        write(folder, 'fo4.v', 'module fo4 (input wire a, output wire y, output wire [8:0] z);\n  wire n1, n2, n3;\n'
              + stage('i1', 'a', 'n1') + stage('i2', 'n1', 'n2') + stage('i3', 'n2', 'n3') + stage('i4', 'n3', 'y')
              + ''.join(stage(f'l{k}', f'n{k // 3 + 1}', f'z[{k}]') for k in range(9)) + 'endmodule\n')
        write(folder, 'fo4.tcl', FO4_STA.format(lib=self.path, slew=SLEW / self.ns))
        out = run(['sta', '-no_splash', '-exit', 'fo4.tcl'], folder)
        delays = [float(d) for d in re.findall(rf'([\d.]+)\s+[\d.]+ [v^] i3/{self.inverter_out}', out)]
        if len(delays) != 2:
            raise Failure('no FO4 delay\n' + out)
        return sum(delays) / 2 * self.ns


def convert(rtl, modules, folder, top):
    """Name of a Verilog file in the folder: the first of the modules of an RTL file, and what it has inside, as module `top`; the
    wires of its SRAMs are ports."""
    name = top + '.v'
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'rtl_to_verilog.py')
    run([script, rtl, *(part for module in modules for part in ('--module', module)), '--sram', 'ports', '-o', name], folder)
    with open(os.path.join(folder, name)) as file:
        text = file.read()
    write(folder, name, re.sub(rf'^module {modules[0]}\b', f'module {top}', text, flags=re.M))
    return name


def text_digest(rtl):
    """SHA-256 of an RTL file's text, from its stamp: that of hw/ and the configuration above it does not count."""
    with open(rtl) as file:
        stamp = re.search(r'^// text sha256 ([0-9a-f]{64})$', file.read(), re.M)
    if not stamp:
        raise Failure(f'{rtl}: no line "// text sha256 ...": expected RTL that eie_rtl_tool has stamped')
    return stamp.group(1)


def sram_outputs(rtl, module):
    """Ports of the module in rtl_to_verilog's output (--sram ports) that carry what an SRAM gives."""
    start = re.search(rf'^module {module}\b', rtl, re.M)
    body = rtl[start.start():rtl.index('endmodule', start.start())] if start else ''
    found = []
    for instance in re.findall(r'^eie_sram_\w+ \w+\n\((.*?)^\);', body, re.S | re.M):
        found += re.findall(r'\.(?:q|error|corrected)\((\w+)\)', instance)
    return found


def registers(library, netlist):
    """Instance of a flip-flop -> the signal it holds."""
    found = {}
    for cell, name, body in re.findall(r'^\s*(\w+) (\S+) \((.*?)\n\s*\);', netlist, re.S | re.M):
        signal = re.search(r'\.Q\((.*?)\)\s*,?\s*$', body.strip(), re.S | re.M) if cell in library.flops else None
        if signal:
            found[name] = signal.group(1).strip().lstrip('\\').strip()
    return found


def gated(library, folder, top, file, package, least):
    """Name of a Verilog file in the folder: the module with a clock gate before each `least` flip-flops or more of one enable, a
    gate of their own for registers of CHANGES that it has, and a gate before each GROUP of gates of one file."""
    if not library.clock_gates:
        raise Failure(f'{library.name} has no clock gating cell')
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'clock_gates.mjs')
    name = top + '.gated.v'
    with open(os.path.join(folder, file)) as source:
        there = set(re.findall(r'\breg (?:\[\d+:\d+\] )?(\w+);', source.read()))
    changes = [register for register in CHANGES.get(top.split('_')[0], ()) if register.split(':')[0] in there]
    run(['node', script, package, file, top, library.path, str(least), name, *changes], folder)
    with open(os.path.join(folder, name)) as file:
        text = file.read()
    write(folder, name, grouped(library, text))
    return name


def grouped(library, text):
    """The Verilog with a second level of clock gates. Gates of as many flip-flops each are those of the registers of a file: each
    GROUP of them gets its clock from one more gate, whose enable is the OR of theirs."""
    flops = collections.Counter(re.findall(r'always @\(posedge ([^)\s]+)', text))
    gate = re.compile(r'^  (\w+) (\S+) \(\n((?:    \.\w+\(.*\),?\n)+)  \);\n', re.M)
    files = {}
    for match in gate.finditer(text):
        if match.group(1) in library.clock_gates:
            pins = dict(re.findall(r'\.(\w+)\((.*)\)', match.group(3)))
            enable = pins.pop(library.clock_gates[match.group(1)])
            clock = next(pin for pin, net in pins.items() if net == 'clk')
            out = next(pin for pin in pins if pin != clock)
            files.setdefault(flops[pins[out]], []).append((match, enable, clock, out))
    behind, added = {}, []
    for gates in files.values():
        for first in range(0, len(gates), GROUP):
            group = gates[first:first + GROUP]
            if len(group) < GROUP // 2:
                continue
            match, _, clock, out = group[0]
            name = f'group_{len(added)}'
            enable = library.clock_gates[match.group(1)]
            added.append(f'  wire {name};\n  {match.group(1)} {name}_gate (\n    .{clock}(clk),\n    .{enable}('
                         + ' | '.join(member[1] for member in group) + f'),\n    .{out}({name})\n  );\n')
            behind.update({member[0].start(): (member[2], name) for member in group})

    def moved(match):
        if match.start() not in behind:
            return match.group(0)
        clock, name = behind[match.start()]
        return match.group(0).replace(f'.{clock}(clk)', f'.{clock}({name})')

    text = gate.sub(moved, text)
    end = text.rindex('endmodule')
    return text[:end] + ''.join(added) + text[end:]


def synthesise(library, folder, top, files, period, sram=(), access=0.0, reuse=False, gate=None):
    """Cells, flip-flops, area (um2) and worst paths of a module: of the netlists of its SCRIPTS the smallest one that keeps
    the period, or the fastest one if none does.

    files   Verilog, names in the folder; .sv is read as SystemVerilog
    period  ns, the target: of paths from SRAMs, access included; others have to be within WITHIN of it
    gate    (folder of the npm package @yowasp/yosys, least flip-flops): with clock gates; of one file
    sram    input ports that are outputs of SRAMs; access: ns after the clock at which they arrive in paths sr and so
    Paths: rr register to register, ir input to register, ro, io with all inputs at 0 ns; sr, so from the SRAM outputs, the
    access included; sq from there to the output q, if there is one. Each is (ns with setup, from, to). `net` is the netlist's
    file, `script` which of the SCRIPTS it is from, `both` the results of all.
    """
    if gate and not (reuse and os.path.exists(os.path.join(folder, top + '.gated.v'))):
        gated(library, folder, top, *files, *gate)
    scripts = [script for script in SCRIPTS if gate or script != 'lean']
    with concurrent.futures.ThreadPoolExecutor(len(scripts)) as pool:
        found = list(pool.map(lambda script: netlist(library, folder, top, [top + '.gated.v'] if gate else files, period, sram, access,
                                                     reuse, gate, script), scripts))

    def excess(result):
        """Of the worst path over its limit; 1 or less: all are kept."""
        return max(path[0] / (period * (1 if kind.startswith('s') else WITHIN)) for kind, path in result['paths'].items())

    kept = [result for result in found if excess(result) <= 1]
    best = min(kept, key=lambda r: r['area']) if kept else min(found, key=excess)
    return dict(best, both={result['script']: result for result in found})


def netlist(library, folder, top, files, period, sram, access, reuse, gate, script):
    """synthesise() with one of the SCRIPTS."""
    variant = f'{top}_{library.digest[:8]}' + (f'_gated{gate[1]}' if gate else '') + '_' + script
    write(folder, variant + '.script', '\n'.join(SCRIPTS[script]).format(D=round(period * 1000), T=round(SIZED_FOR * period * 1000)) + '\n')
    write(folder, variant + '.constr', f'set_driving_cell {library.driver}\nset_load {library.load:g} [all_outputs]\n')
    log, net = os.path.join(folder, variant + '.log'), os.path.join(folder, variant + '.net.v')
    if reuse and os.path.exists(log) and os.path.exists(net):
        with open(log) as file:
            out = file.read()
    else:
        read = '; '.join([f'read_liberty -lib -ignore_miss_func {library.path}'] * bool(gate)
                         + [f'read_verilog {"-sv " if name.endswith(".sv") else ""}{name}' for name in files])
        out = run(['yosys', '-p', YOSYS.format(read=read, top=top, lib=library.path, variant=variant)], folder)
        with open(log, 'w') as file:
            file.write(out)
    with open(net) as file:
        text = file.read()
    cells = {cell: int(count) for cell, count in re.findall(r'^\s+([\w$]+)\s+(\d+)$', out[out.rindex('Number of cells'):], re.M)
             if cell in library.area}
    flops = {cell: n for cell, n in cells.items() if cell in library.flops}
    enables = [f'{name}/{library.clock_gates[cell]}' for cell, name in re.findall(r'^\s*(\w+) (\S+) \($', text, re.M)
               if library.clock_gates.get(cell)]
    clock = '[get_ports clk]' if re.search(r'input clk;', text) else ''
    write(folder, variant + '.tcl', STA.format(lib=library.path, top=top, variant=variant, period=period / library.ns, clock=clock,
                                               load=f'{library.load:g}', slew=library.slew, enables=' '.join(enables),
                                               sram='|'.join(sram) or 'no_sram', access=access / library.ns))
    out = run(['sta', '-no_splash', '-exit', variant + '.tcl'], folder)
    names = registers(library, text)
    paths = {}
    for part in out.split('== ')[1:]:
        arrival = re.search(r'^\s*([\d.]+)\s+data arrival time', part, re.M)
        if not arrival:
            continue
        setup = re.search(r'-([\d.]+)\s+[\d.]+\s+library setup time', part)
        ends = [re.search(rf'{point}: (\S+)', part).group(1) for point in ('Startpoint', 'Endpoint')]
        ends = [names.get(e, e).replace(' ', '') for e in ends]
        paths[part[:2]] = ((float(arrival.group(1)) + (float(setup.group(1)) if setup else 0)) * library.ns, ends[0], ends[1])
    return dict(cells=sum(cells.values()), flops=sum(flops.values()), paths=paths, script=script, net=net,
                gates=sum(n for cell, n in cells.items() if cell in library.clock_gates),
                area=sum(n * library.area[cell] for cell, n in cells.items()),
                flop_area=sum(n * library.area[cell] for cell, n in flops.items()))
