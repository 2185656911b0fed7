# SPDX-License-Identifier: Apache-2.0
"""Mutant schemata: all faults in one program, each behind a switch (Untch, Offutt and Harrold, 1993)."""


def rewrite(text, places):
    """The bytes of a file with its places ((number, place) pairs) behind switches. A place holds the plain text of what is inside it."""
    spans = {}
    for number, place in places:
        spans.setdefault((place.start, -place.end), []).append((number, place))
    order = sorted(spans)

    def render(start, end, inner):
        """text[start:end) with the spans that lie in it, in order, behind their switches."""
        out, at, k = [], start, 0
        while k < len(inner):
            first, last = inner[k][0], -inner[k][1]
            nested = k + 1
            while nested < len(inner) and inner[nested][0] < last:
                nested += 1
            out.append(text[at:first])
            out.append(choice(spans[inner[k]], render(first, last, inner[k + 1:nested])))
            at, k = last, nested
        out.append(text[at:end])
        return b"".join(out)

    def choice(faults, plain):
        for number, place in faults:
            new = place.text.encode()
            if place.form == "expression":
                plain = b"(eie_mutant::on(%d) ? (%s) : (%s))" % (number, new, plain)
            else:
                plain = b"{ if (eie_mutant::on(%d)) { %s } else { %s } }" % (number, new, plain)
        return plain

    return b'#include "eie_mutant.h"\n' + render(0, len(text), order)


def crosses(places):
    """True when two places overlap without one being inside the other."""
    ends = []
    for start, end in sorted({(p.start, p.end) for p in places}, key=lambda s: (s[0], -s[1])):
        while ends and ends[-1] <= start:
            ends.pop()
        if ends and end > ends[-1]:
            return True
        ends.append(end)
    return False
