#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The forms of `eie info --registers` say the same: every register, field, access, reset value and memory of the IP-XACT, the
SystemRDL and the C form against the JSON one, which registers_test.cpp holds against the device.

usage: register_forms.py PROGRAM C_COMPILER CONFIG...

IP-XACT is parsed, and each element has to stand where IEEE 1685-2014 wants it; with the environment's EIE_IPXACT_SCHEMA (the
standard's index.xsd, which no package of Debian has) xmllint validates it too. SystemRDL is parsed as far as it is written here;
where the Python package systemrdl can be imported it is compiled and elaborated too.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{http://www.accellera.org/XMLSchema/IPXACT/1685-2014}"
# The order of the children that are used, from the standard's schema; ? may be left out, * may come several times.
ORDER = {
    "component": "vendor library name version memoryMaps description?",
    "memoryMaps": "memoryMap",
    "memoryMap": "name description? addressBlock* addressUnitBits?",
    "addressBlock": "name description? baseAddress range width usage? access? register*",
    "register": "name description? dim? addressOffset size access? field*",
    "field": "name description? bitOffset resets? bitWidth volatile? access? modifiedWriteValue?",
    "resets": "reset",
    "reset": "value",
}


def fail(text):
    sys.exit(f"register_forms: {text}")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0 or done.stderr:
        fail(f"{' '.join(command)}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def tag(element):
    if not element.tag.startswith(NAMESPACE):
        fail(f"element {element.tag} is not of IEEE 1685-2014")
    return element.tag[len(NAMESPACE):]


def check_order(element):
    name = tag(element)
    children = [tag(child) for child in element]
    if name not in ORDER:
        if children or not (element.text or "").strip():
            fail(f"<{name}> is empty or has children: {children}")
        return
    pattern = "".join(f"(?:{word.rstrip('?*')} ){word[-1] if word[-1] in '?*' else ''}" for word in ORDER[name].split())
    if not re.fullmatch(pattern, "".join(child + " " for child in children)):
        fail(f"<{name}> has {' '.join(children)}: expected {ORDER[name]}")
    for child in element:
        check_order(child)


def text(element, name, default=None):
    child = element.find(NAMESPACE + name)
    return default if child is None else child.text


def number(element, name):
    return int(text(element, name), 0)


def xml_register(element):
    fields = []
    for field in element.findall(NAMESPACE + "field"):
        reset = field.find(f"{NAMESPACE}resets/{NAMESPACE}reset/{NAMESPACE}value")
        access, modified = text(field, "access"), text(field, "modifiedWriteValue")
        if modified == "oneToClear":
            access = {"read-write": "write-one-to-clear"}[access]
        elif modified == "oneToSet":
            access = {"write-only": "write-one-to-set"}[access]
        elif access == "read-only" and text(field, "volatile") != "true":
            access = "constant"
        fields.append((text(field, "name"), number(field, "bitOffset"), number(field, "bitWidth"), access,
                       int(reset.text, 0) if reset is not None else 0))
    if number(element, "size") != 64:
        fail(f"{text(element, 'name')}: {number(element, 'size')} bits")
    access = text(element, "access")
    return (text(element, "name"), number(element, "addressOffset"), int(text(element, "dim", "1")), access != "write-only",
            access != "read-only", tuple(fields))


def from_xml(source):
    """(registers, {address: (name, bytes, writable, registers)}) of an IP-XACT component."""
    root = ElementTree.fromstring(source)
    check_order(root)
    memory_map = root.find(f"{NAMESPACE}memoryMaps/{NAMESPACE}memoryMap")
    if number(memory_map, "addressUnitBits") != 8:
        fail("IP-XACT: an address is not that of a byte")
    registers, memories, end, names = [], {}, 0, set()
    for block in memory_map.findall(NAMESPACE + "addressBlock"):
        base, size = number(block, "baseAddress"), number(block, "range")
        if base < end or text(block, "name") in names:
            fail(f"IP-XACT: block {text(block, 'name')} overlaps the one before, or its name is not new")
        end = base + size
        names.add(text(block, "name"))
        inside = [xml_register(r) for r in block.findall(NAMESPACE + "register")]
        if any(r[1] + 8 * r[2] > size for r in inside):
            fail(f"IP-XACT: a register is outside block {text(block, 'name')}")
        if (text(block, "usage") == "register") != bool(inside):
            fail(f"IP-XACT: usage of block {text(block, 'name')}")
        if base == 0:
            registers = inside
        else:
            memories[base] = (text(block, "name"), size, text(block, "access") != "read-only", tuple(inside))
    return registers, memories


RDL_TOKEN = re.compile(r'\s*(?://[^\n]*\n\s*)*("(?:[^"\\]|\\.)*"|\d+\'h[0-9A-Fa-f]+|0x[0-9A-Fa-f]+|\+=|\\?\w+|.)', re.S)
RDL_ACCESS = {("r", None, "na"): "constant", ("r", None, "w"): "read-only", ("rw", None, "r"): "read-write",
              ("rw", "woclr", "w"): "write-one-to-clear", ("w", "woset", "r"): "write-one-to-set"}


class Rdl:
    """The part of SystemRDL 2.0 that is written: components with properties, instances with ranges, resets and addresses."""

    def __init__(self, source):
        self.tokens = [t for t in RDL_TOKEN.findall(source.rstrip()) if t.strip()]
        self.at = 0

    def take(self, expected=None):
        token = self.tokens[self.at]
        self.at += 1
        if expected is not None and token != expected:
            fail(f"SystemRDL: {token!r} behind {' '.join(self.tokens[self.at - 8:self.at - 1])}: expected {expected!r}")
        return token

    def number(self):
        token = self.take()
        return int(token.split("'h")[1], 16) if "'h" in token else int(token, 0)

    def component(self):
        """One instance, or the definition that has a name: (kind, name, properties, children, instance)."""
        if self.tokens[self.at] == "external":
            self.take()
        kind = self.take()
        if kind not in ("addrmap", "reg", "regfile", "field", "mem"):
            fail(f"SystemRDL: component {kind}")
        name = self.take() if self.tokens[self.at] != "{" else None
        self.take("{")
        properties, children = {}, []
        while self.tokens[self.at] != "}":
            if self.tokens[self.at] in ("external", "addrmap", "reg", "regfile", "field", "mem"):
                children.append(self.component())
                continue
            words = []
            while self.tokens[self.at] not in ("=", ";"):
                words.append(self.take())
            value = True
            if self.tokens[self.at] == "=":
                self.take()
                value = self.take()
            self.take(";")
            if " ".join(words) in properties:
                fail(f"SystemRDL: {' '.join(words)} is given twice")
            properties[" ".join(words)] = value
        self.take("}")
        instance = {}
        if name is None:
            name = self.take().lstrip("\\")
            if self.tokens[self.at] == "[":
                self.take()
                first = self.number()
                if self.tokens[self.at] == ":":
                    self.take()
                    instance["range"] = (first, self.number())
                else:
                    instance["count"] = first
                self.take("]")
            for mark in ("=", "@", "+="):
                if self.tokens[self.at] == mark:
                    self.take()
                    instance[mark] = self.number()
        self.take(";")
        return kind, name, properties, children, instance

    def parse(self):
        top = self.component()
        if self.at != len(self.tokens) or top[0] != "addrmap":
            fail("SystemRDL: expected one address map")
        return top


def rdl_register(component):
    kind, name, _, children, instance = component
    fields = []
    for _, field, properties, _, place in children:
        high, low = place["range"]
        access = RDL_ACCESS[(properties["sw"], properties.get("onwrite"), properties["hw"])]
        fields.append((field, low, high - low + 1, access, place["="]))
    count = instance.get("count", 1)
    if kind != "reg" or (count != 1 and instance["+="] != 8):
        fail(f"SystemRDL: register {name}")
    return (name, instance["@"], count, any(f[3] != "write-one-to-set" for f in fields),
            any(f[3] not in ("constant", "read-only") for f in fields), tuple(fields))


def from_rdl(source):
    _, _, properties, children, _ = Rdl(source).parse()
    if properties.get("default regwidth") != "64" or properties.get("default accesswidth") != "32":
        fail("SystemRDL: widths of the registers")
    registers = [rdl_register(c) for c in children if c[0] == "reg"]
    memories = {}
    for kind, _, _, inside, place in children:
        if kind == "reg":
            continue
        for pe in range(place["count"]):
            for what, name, of, registers_inside, at in inside:
                address = place["@"] + pe * place["+="] + at["@"]
                if what == "mem":
                    memories[address] = (f"pe{pe}_{name}", int(of["mementries"]) * 8, of["sw"] == "rw", ())
                else:
                    inner = tuple(rdl_register(r) for r in registers_inside)
                    memories[address] = (f"pe{pe}_{name}", 8 * len(inner), False, inner)
    return registers, memories


def json_register(r):
    return (r["name"], r["offset"], r["count"], r["readable"], r["writable"],
            tuple((f["name"], f["lsb"], f["width"], f["access"], f["reset"]) for f in r["fields"]))


def from_json(source):
    j = json.loads(source)
    windows = j["windows"]
    memories = {}
    for pe in range(windows["count"]):
        for m in windows["memories"]:
            memories[windows["base"] + pe * windows["stride"] + m["offset"]] = (
                f"pe{pe}_{m['name']}", m["bytes"], m["writable"], tuple(json_register(r) for r in m["registers"]))
    return [json_register(r) for r in j["registers"]], memories


def same(form, config, expected, seen):
    for what, a, b in (("registers", expected[0], seen[0]), ("memories", sorted(expected[1].items()), sorted(seen[1].items()))):
        for x, y in zip(a, b):
            if x != y:
                fail(f"{config}, {form}: {y}\nexpected {x}")
        if len(a) != len(b):
            fail(f"{config}, {form}: {len(b)} {what}: expected {len(a)}")


def check_c(compiler, folder, config, header, expected):
    """The header compiles alone, and its constants are those of the description."""
    wanted = {"EIE_CONFIG_PES": None}
    for name, offset, count, _, _, fields in expected[0]:
        wanted["EIE_" + name] = offset
        if name.startswith("CAP"):
            wanted["EIE_CONFIG_" + name] = sum(f[4] << f[1] for f in fields)
            for field, lsb, width, _, _ in fields:
                stem = "EIE_CAP_" + field.upper()
                if width == 1:
                    wanted[stem] = 1 << lsb
                else:
                    wanted[stem + "_LSB"], wanted[stem + "_MASK"] = lsb, (1 << width) - 1
        if count != 1:
            wanted[f"EIE_CONFIG_{name}_ENTRIES"] = count
    base = min(expected[1])
    pes = {int(name[2:].split("_")[0]) for name, _, _, _ in expected[1].values()}
    wanted["EIE_CONFIG_PES"] = len(pes)
    wanted["EIE_WINDOW_BASE"] = base
    for address, (name, size, _, _) in expected[1].items():
        if name.startswith("pe0_"):
            wanted[f"EIE_CONFIG_{name[4:].upper()}_OFFSET"] = address - base
            wanted[f"EIE_CONFIG_{name[4:].upper()}_BYTES"] = size
    path = os.path.join(folder, "eie_regs.h")
    with open(path, "w", encoding="utf-8") as file:
        file.write(header)
    program = "#include \"eie_regs.h\"\n#include <stdio.h>\nint main(void) {\n"
    for name in wanted:
        program += f'  printf("%llu\\n", (unsigned long long)({name}));\n'
    source = os.path.join(folder, "show.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write(program + "  return 0;\n}\n")
    run(compiler, "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", source, "-o", os.path.join(folder, "show"))
    seen = [int(line) for line in run(os.path.join(folder, "show")).split()]
    for (name, value), found in zip(wanted.items(), seen):
        if value != found:
            fail(f"{config}, c: {name} is {found}: expected {value}")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    program, compiler, configs = sys.argv[1], sys.argv[2], sys.argv[3:]
    schema = os.environ.get("EIE_IPXACT_SCHEMA", "")
    try:
        import systemrdl
    except ImportError:
        systemrdl = None
    fields = 0
    with tempfile.TemporaryDirectory(prefix="eie_registers_") as folder:
        for config in configs:
            forms = {form: run(program, "info", config, "--registers", form) for form in ("json", "ip-xact", "systemrdl", "c")}
            expected = from_json(forms["json"])
            same("ip-xact", config, expected, from_xml(forms["ip-xact"]))
            same("systemrdl", config, expected, from_rdl(forms["systemrdl"]))
            check_c(compiler, folder, config, forms["c"], expected)
            fields += sum(len(r[5]) for r in expected[0])
            # To a file: the same bytes.
            path = os.path.join(folder, "map.xml")
            if run(program, "info", config, "--registers", "ip-xact", "--output", path) != "":
                fail("--output also prints")
            with open(path, encoding="utf-8") as file:
                if file.read() != forms["ip-xact"]:
                    fail("--output writes something else")
            if schema:
                subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, path], check=True)
            if systemrdl is not None:
                path = os.path.join(folder, "map.rdl")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(forms["systemrdl"])
                rdl = systemrdl.RDLCompiler()
                rdl.compile_file(path)
                rdl.elaborate()
    # A width that follows from the configuration
    small = from_json(run(program, "info", configs[0], "--registers", "json", "--set", "act_depth=64"))
    large = from_json(run(program, "info", configs[0], "--registers", "json", "--set", "act_depth=1024"))
    width = {r[0]: r[5][0][2] for r in small[0]}, {r[0]: r[5][0][2] for r in large[0]}
    if width[1]["IN_ADDRESS"] != width[0]["IN_ADDRESS"] + 4:
        fail(f"IN_ADDRESS has {width[0]['IN_ADDRESS']} and {width[1]['IN_ADDRESS']} bits with act_depth 64 and 1024")
    print(f"{len(configs)} configurations, {fields} fields of registers; IP-XACT {'and its schema' if schema else 'without its schema'}, "
          f"SystemRDL {'compiled' if systemrdl else 'parsed here alone'}")


if __name__ == "__main__":
    main()
