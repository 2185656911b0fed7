# SPDX-License-Identifier: Apache-2.0
"""The SRAM wrapper with error correction (hw/sram_ecc.h) without its array, for proofs and for synthesis."""
import re

# What the array gives and takes: the ports of the logic around it.
ARRAY_PORTS = [('word_out', 'input'), ('checks_out', 'input'), ('write_now', 'output'), ('row', 'output'), ('row_mask', 'output'),
               ('row_word', 'output'), ('row_checks', 'output')]


class Changed(Exception):
    """The wrapper is not written as this script expects."""


def replaced(text, old, new, count=1):
    if text.count(old) < count:
        raise Changed(f'the wrapper has no text: {old}')
    return text.replace(old, new)


def cut(text, ports, name='dut'):
    """The wrapper as module `name` without its array; `ports`: wires and registers that become ports."""
    text = re.sub(r'module \w+', f'module {name}', text)
    array = re.search(r'always_ff @\(posedge clk\) begin\n    if \(write_now\).*?\nend\n', text, re.S)
    if not array:
        raise Changed('the wrapper has no array')
    text = text.replace(array.group(0), '')
    text = re.sub(r'logic [^;]*(words|checks) \[0:\d+\];\n', '', text)
    declared = []
    for port, direction in ports:
        match = re.search(rf'^(    )?logic (\[[^\]]*\] )?{port};\n', text, re.M)
        if not match:
            raise Changed(f'the wrapper has no {port}')
        declared.append(f'    {direction} logic {match.group(2) or ""}{port}')
        text = text.replace(match.group(0), '', 1)
    return replaced(text, '    output logic error\n', '    output logic error,\n' + ',\n'.join(declared) + '\n')
