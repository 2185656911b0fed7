# SPDX-License-Identifier: Apache-2.0
"""Places of faults in C++ sources, found on the syntax tree (libclang)."""
import collections
import re
import shlex

import clang.cindex as ci

K = ci.CursorKind
# file, [start, end) in bytes, the text that takes its place, "expression" or "statement", the kind of fault, the function, the line.
Place = collections.namedtuple("Place", "file start end text form kind function line")

ARITHMETIC = {"+": ["-"], "-": ["+"], "*": ["+"], "/": ["*"], "%": ["/"], "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["&"]}
COMPARISONS = {"<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="]}
LOGICAL = {"&&": ["||"], "||": ["&&"]}
COMPOUND = {"+=": "-=", "-=": "+=", "*=": "+=", "/=": "*=", "<<=": ">>=", ">>=": "<<=", "&=": "|=", "|=": "&=", "^=": "|=", "%=": "/="}
FUNCTIONS = {K.CXX_METHOD, K.FUNCTION_DECL, K.FUNCTION_TEMPLATE, K.CONSTRUCTOR, K.DESTRUCTOR, K.CONVERSION_FUNCTION, K.LAMBDA_EXPR}
# Words of calls that say something to people, or check what cannot be.
TALK = re.compile(r"\b(assert|require|cerr|cout|message|SC_REPORT\w*|trace|sc_trace|EIE_\w+|what|throw|UserError|fail)\b")
INTEGER = re.compile(r"^(0[xX][0-9a-fA-F']+|[0-9][0-9']*)([uUlLzZ]*)$")
INTEGRAL = {ci.TypeKind.BOOL, ci.TypeKind.UCHAR, ci.TypeKind.USHORT, ci.TypeKind.UINT, ci.TypeKind.ULONG, ci.TypeKind.ULONGLONG,
            ci.TypeKind.SHORT, ci.TypeKind.INT, ci.TypeKind.LONG, ci.TypeKind.LONGLONG, ci.TypeKind.CHAR_S, ci.TypeKind.SCHAR}


class Finder:
    """The places of the wanted files (paths from the root) in one translation unit."""

    def __init__(self, root, wanted):
        self.root = root.rstrip("/") + "/"
        self.wanted = set(wanted)
        self.places = {}
        self.texts = {}

    def text_of(self, file):
        if file not in self.texts:
            with open(self.root + file, "rb") as source:
                self.texts[file] = source.read()
        return self.texts[file]

    def parse(self, source, arguments):
        unit = ci.Index.create().parse(source, args=arguments)
        fatal = [str(d) for d in unit.diagnostics if d.severity >= ci.Diagnostic.Error]
        if fatal:
            raise RuntimeError(f"{source}: clang cannot read it: {fatal[0]}")
        for cursor in unit.cursor.get_children():
            file = cursor.location.file
            if file and file.name.startswith(self.root) and file.name[len(self.root):] in self.wanted:
                self.walk(cursor, None, file.name[len(self.root):], "", False)
        return self

    def add(self, cursor_or_range, text, form, kind, file, function, line):
        start, end = cursor_or_range
        place = Place(file, start, end, text, form, kind, function, line)
        if self.text_of(file)[start:end].decode() != text:
            self.places[place[:6]] = place

    def raw(self, file, start, end):
        return self.text_of(file)[start:end].decode()

    def walk(self, cursor, parent, file, function, inside):
        """inside: in the body of a function, where a fault is a choice of the run."""
        kind = cursor.kind
        if kind in (K.STATIC_ASSERT, K.ENUM_DECL, K.TYPE_ALIAS_DECL, K.TYPEDEF_DECL, K.TYPE_ALIAS_TEMPLATE_DECL, K.CXX_THROW_EXPR,
                    K.STRING_LITERAL, K.USING_DECLARATION, K.FRIEND_DECL):
            return
        where = cursor.extent
        if where.start.file is None or where.start.file.name != self.root + file:
            return
        start, end = where.start.offset, where.end.offset
        if kind in FUNCTIONS and kind != K.LAMBDA_EXPR:
            function = cursor.spelling
            if function in ("trace", "sc_trace", "operator<<", "name"):
                return
        children = list(cursor.get_children())
        if kind in (K.VAR_DECL, K.FIELD_DECL, K.TEMPLATE_NON_TYPE_PARAMETER):
            if not inside or re.search(r"\b(constexpr|static)\b", self.raw(file, start, end).split("=")[0]):
                return
        if kind == K.COMPOUND_STMT:
            inside = True
        if inside:
            self.find(cursor, children, parent, file, function, start, end)
        for k, child in enumerate(children):
            if kind == K.CASE_STMT and k == 0:
                continue
            if kind == K.IF_STMT and k == 0 and re.match(r"if\s+constexpr", self.raw(file, start, end)):
                continue
            if kind in FUNCTIONS and kind != K.LAMBDA_EXPR and child.kind not in (K.COMPOUND_STMT,):
                continue
            if kind in (K.VAR_DECL,) and not self.is_value(cursor, child, file):
                continue
            if inside and kind == K.COMPOUND_STMT and TALK.search(self.raw(file, child.extent.start.offset, child.extent.end.offset).split("(")[0].split("{")[0]):
                continue
            self.walk(child, cursor, file, function, inside)

    def is_value(self, variable, child, file):
        """The first value of a variable, not a number among its type's arguments or bounds."""
        begin = child.extent.start.offset
        before = self.raw(file, variable.extent.start.offset, begin).rstrip()
        return before.endswith(("=", "(", "{")) and not before.endswith("decltype(")

    def in_brackets(self, file, start, end):
        """True for an argument of a template."""
        text = self.text_of(file)
        before, after = text[max(0, start - 40):start].decode(errors="replace").rstrip(), text[end:end + 20].decode(errors="replace").lstrip()
        return bool(re.search(r"\w<$", before)) or (after.startswith(">") and not after.startswith((">=", ">>")) and re.search(r"\w<[^;{}()]*$", before) is not None)

    def find(self, cursor, children, parent, file, function, start, end):
        kind = cursor.kind
        line = cursor.extent.start.line
        text = self.raw(file, start, end)

        def expression(new, what):
            self.add((start, end), new, "expression", what, file, function, line)

        def statement(new, what, stop):
            self.add((start, stop), new, "statement", what, file, function, line)

        in_statement = parent is not None and parent.kind in (K.COMPOUND_STMT, K.IF_STMT, K.FOR_STMT, K.WHILE_STMT) and self.ends_statement(cursor, parent, file, end)
        if kind in (K.BINARY_OPERATOR, K.COMPOUND_ASSIGNMENT_OPERATOR) and len(children) == 2:
            a, b = children
            left, right = self.raw(file, start, a.extent.end.offset), self.raw(file, b.extent.start.offset, end)
            between = self.raw(file, a.extent.end.offset, b.extent.start.offset)
            operator = between.strip()
            if "//" in between or self.in_brackets(file, start, end):
                return
            for table, what in ((ARITHMETIC, "arithmetic"), (COMPARISONS, "comparison"), (LOGICAL, "logical")):
                for other in table.get(operator, ()):
                    if what == "arithmetic" and ('"' in text or operator in ("<<", ">>") and a.type.kind == ci.TypeKind.RECORD or left.startswith("sensitive")):
                        continue
                    expression(f"{left} {other} {right}", what)
            if in_statement:
                stop = self.semicolon(file, end)
                if operator in COMPOUND:
                    statement(f"{left} {COMPOUND[operator]} {right};", "compound assignment", stop)
                if operator == "=" or operator in COMPOUND:
                    statement(";", "dropped assignment" if function != "reset" else "dropped reset", stop)
        elif kind == K.CALL_EXPR and in_statement and not TALK.search(text.split("(")[0]):
            stop = self.semicolon(file, end)
            what = "dropped assignment" if cursor.spelling == "operator=" or ".write(" in text else "dropped call"
            statement(";", "dropped reset" if function == "reset" else what, stop)
        elif kind == K.UNARY_OPERATOR and children and not self.in_brackets(file, start, end):
            if text.startswith("!"):
                expression(text[1:], "negation")
            elif text.startswith(("++", "--")):
                expression(("--" if text[0] == "+" else "++") + text[2:], "increment")
            elif text.startswith("~"):
                expression(text[1:], "negation")
            elif text.endswith(("++", "--")):
                expression(text[:-2] + ("--" if text[-1] == "+" else "++"), "increment")
        elif kind == K.INTEGER_LITERAL and not self.in_brackets(file, start, end):
            match = INTEGER.match(text)
            before = self.text_of(file)[:start].rstrip()
            if match and not before.endswith(b"{"):  # in braces a choice of the run would be a narrowing
                value = int(match.group(1).replace("'", ""), 0)
                for new in sorted({value + 1, max(0, value - 1), 0} - {value}):
                    expression(f"{new}{match.group(2)}", "constant")
        elif kind == K.CXX_BOOL_LITERAL_EXPR and not self.in_brackets(file, start, end):
            expression("false" if text == "true" else "true", "constant")
        elif kind == K.RETURN_STMT and children and children[0].type.kind == ci.TypeKind.BOOL:
            child = children[0].extent
            self.add((child.start.offset, child.end.offset), f"!({self.raw(file, child.start.offset, child.end.offset)})", "expression", "negation",
                     file, function, line)
        if kind == K.CALL_EXPR and function:
            arguments = list(cursor.get_arguments())
            for a, b in zip(arguments, arguments[1:]):
                if a is None or b is None or a.type.spelling != b.type.spelling or a.type.get_canonical().kind not in INTEGRAL:
                    continue
                (a0, a1), (b0, b1) = ((c.extent.start.offset, c.extent.end.offset) for c in (a, b))
                if not start <= a0 < a1 <= b0 < b1 <= end:
                    continue
                expression(self.raw(file, start, a0) + self.raw(file, b0, b1) + self.raw(file, a1, b0) + self.raw(file, a0, a1) + self.raw(file, b1, end),
                           "swapped arguments")
        if kind in (K.IF_STMT, K.WHILE_STMT) and children and children[0].kind not in (K.VAR_DECL, K.DECL_STMT) and \
                not re.match(r"if\s+constexpr", text) and not re.match(r"if\s*\([^)]*;", text):
            c0, c1 = children[0].extent.start.offset, children[0].extent.end.offset
            condition = self.raw(file, c0, c1)
            for new, what in ((f"!({condition})", "condition negated"), ("true", "condition always"), ("false", "condition never")):
                if not (kind == K.WHILE_STMT and new == "true"):
                    self.add((c0, c1), new, "expression", what, file, function, line)
        if kind == K.BINARY_OPERATOR and len(children) == 2 and in_statement:
            a, b = children
            width = re.search(r"(?:sc_uint|UInt)<\s*(\d+)\s*>", a.type.get_canonical().spelling)
            if width and int(width.group(1)) > 1 and self.raw(file, a.extent.end.offset, b.extent.start.offset).strip() == "=":
                right = self.raw(file, b.extent.start.offset, end)
                top = (1 << int(width.group(1)) - 1) - 1
                statement(f"{self.raw(file, start, a.extent.end.offset)} = static_cast<std::uint64_t>({right}) & {top}ull;", "width", self.semicolon(file, end))

    def semicolon(self, file, end):
        return end + re.match(rb"\s*;", self.text_of(file)[end:end + 40]).end()

    def ends_statement(self, cursor, parent, file, end):
        if not re.match(rb"\s*;", self.text_of(file)[end:end + 40]):
            return False
        before = self.text_of(file)[:cursor.extent.start.offset].rstrip()
        if parent.kind == K.FOR_STMT and not before.endswith(b")"):
            return False
        return before.endswith((b";", b"{", b"}", b")", b":", b"else")) or before.rsplit(b"\n", 1)[-1].lstrip().startswith((b"//", b"#"))


def arguments_of(entry):
    """Those of a line of compile_commands.json that libclang takes."""
    words = shlex.split(entry["command"])
    kept, skip = ["-w"], False
    for word in words[1:]:
        if skip:
            skip = False
        elif word in ("-o", "-include", "-c"):
            skip = word != "-c"
        elif word.startswith(("-I", "-D", "-std", "-isystem")):
            kept.append(word)
            if word in ("-I", "-isystem", "-D"):
                skip = False
        elif kept[-1] in ("-isystem", "-I", "-D"):
            kept.append(word)
    return kept
