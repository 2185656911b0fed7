# SPDX-License-Identifier: Apache-2.0
"""Properties in tb/rtl/formal as AIGER, and what yosys-abc says of them; for scripts/formal and scripts/formal_ecc."""
import os
import re

FORMAL = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'tb', 'rtl', 'formal')
# From a design with $assert cells to properties.aig, an output for each: 1 if it fails; their names in asserts.txt.
TO_AIGER = ('techmap; opt -fast; dffunmap; abc -g AND -fast; opt_clean; tee -q -o asserts.txt dump t:$assert; '
            'write_aiger -zinit properties.aig')
READ_AIGER = 'read_aiger properties.aig; fold; strash; '


def properties(name, also=()):
    """Text of tb/rtl/formal/NAME.sv, behind it of those it needs."""
    text = ''
    for part in (name, *also):
        with open(os.path.join(FORMAL, part + '.sv')) as file:
            text += file.read()
    return text


def number_of_covers(text):
    return len(re.findall(r'\bcover \(', text))


def covers_as_assertions(text):
    """A cover is reached when its negation, as an assertion, fails."""
    text = re.sub(r'\bassert \(', 'unused (', text)
    return re.sub(r'\bcover \((.*)\);', r'assert (!(\1));', text).replace('unused (', 'cover (')


def without_leans(text):
    """Without the assertions that are there for a proof alone (lean_...): what a fault is judged by."""
    text = re.sub(r'\b(lean_\w+: )assert \(', r'\1cover (', text)
    return re.sub(r'\bassert (\(.*\);\s*// lean_)', r'cover \1', text)


def counts_of_pdr(out):
    """(assertions, proved, disproved, undecided) that `pdr -a` printed; None if it did not."""
    match = re.search(r'All = (\d+)\.?\s*Proved = (\d+)\.?\s*Disproved = (\d+)\.?\s*Undecided = (\d+)', out)
    return tuple(map(int, match.groups())) if match else None


def first_failure(out, folder):
    """(name of the assertion that `bmc3` saw fail first, cycle); None if none did. Those in loops have a name of yosys' own."""
    match = re.search(r'Output (\d+) of miter "properties" was asserted in frame (\d+)', out)
    if not match:
        return None
    with open(os.path.join(folder, 'asserts.txt')) as file:
        names = re.findall(r'^\s*cell \$assert (\S+)', file.read(), re.M)  # in the order of the outputs
    return names[int(match.group(1))].lstrip('\\'), match.group(2)
