# SPDX-License-Identifier: Apache-2.0
"""Types, constants and variables of a design as Verilator writes them in XML; used by rtl_to_verilog.py."""
import re
import sys


class Type:
    def __init__(self, width, count=None):
        self.width = width    # bits of an element
        self.count = count    # elements, None if no array
        self.sub = 1          # elements of one element of the outermost dimension


def const_of(element):
    """(width, value) of a <const>."""
    match = re.fullmatch(r"(\d+)'(s?)h([0-9a-f]+)", element.get('name'))
    if not match:
        sys.exit('rtl_to_verilog: constant not understood: ' + element.get('name'))
    return int(match.group(1)), int(match.group(3), 16)


class Types:
    def __init__(self, table):
        self.nodes = {e.get('id'): e for e in table}
        self.cache = {}

    def __getitem__(self, key):
        if key not in self.cache:
            node = self.nodes[key]
            if node.tag == 'basicdtype':
                left, right = int(node.get('left', '0')), int(node.get('right', '0'))
                self.cache[key] = Type(left - right + 1)
            elif node.tag == 'unpackarraydtype':
                low, high = sorted(const_of(c)[1] for c in node.iter('const'))
                if low != 0:
                    sys.exit('rtl_to_verilog: array that does not start at 0')
                inner = self[node.get('sub_dtype_id')]
                made = Type(inner.width, (high + 1) * (inner.count or 1))
                made.sub = inner.count or 1
                self.cache[key] = made
            else:
                sys.exit('rtl_to_verilog: type not understood: ' + node.tag)
        return self.cache[key]


class Var:
    def __init__(self, name, kind, direction=None):
        self.name = name
        self.type = kind
        self.direction = direction
