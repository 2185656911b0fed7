# SPDX-License-Identifier: Apache-2.0
"""How large a pruned and shared matrix is in storage: the columns of Deep Compression's Table 2, for scripts/train_lenet300.

The matrix is one sequence, column after column. A weight that is not zero is stored as a code and the number of zeros before
it; a gap over 2^index_bits - 1 takes padding entries, of code 0 and the largest run, which stand for one more zero themselves.
A run goes on over the end of a column. Codes and runs are then coded by Huffman, a table a layer and kind.
"""
import heapq
from dataclasses import dataclass

import numpy as np

FLOAT_BITS = 32
INDEX_BITS = 5  # of fully connected layers, Deep Compression, Table 2


def relative_codes(codes, index_bits=INDEX_BITS):
    """Return (codes, runs) of a matrix of codes, rows x columns, padding entries among them."""
    sequence = np.asarray(codes).T.ravel()
    largest = 2 ** index_bits - 1
    out_codes, out_runs, last = [], [], -1
    for place in np.flatnonzero(sequence):
        gap = int(place) - last - 1
        while gap > largest:
            out_codes.append(0)
            out_runs.append(largest)
            gap -= largest + 1
        out_codes.append(int(sequence[place]))
        out_runs.append(gap)
        last = int(place)
    return out_codes, out_runs


def huffman_lengths(symbols):
    """Return {symbol: bits of its code} of an optimal prefix code; one symbol alone takes one bit."""
    values, counts = np.unique(symbols, return_counts=True)
    if len(values) == 1:
        return {int(values[0]): 1}
    heap = [(int(count), i, (int(value),)) for i, (value, count) in enumerate(zip(values, counts))]
    heapq.heapify(heap)
    lengths, ticket = dict.fromkeys((int(v) for v in values), 0), len(heap)
    while len(heap) > 1:
        (count_a, _, a), (count_b, _, b) = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in a + b:
            lengths[symbol] += 1
        heapq.heappush(heap, (count_a + count_b, ticket, a + b))
        ticket += 1
    return lengths


@dataclass
class Size:
    """Bits in storage; those of several layers add up."""

    weights: int = 0         # of the matrix before pruning
    kept: int = 0            # not zero
    padding: int = 0         # entries
    code_bits: int = 0       # all of them, padding included
    run_bits: int = 0
    huffman_code_bits: int = 0
    huffman_run_bits: int = 0
    table_bits: int = 0      # code lengths of both Huffman tables
    shared_bits: int = 0     # the codebook's values
    bias_bits: int = 0       # stored as floats in either form

    def __add__(self, other):
        return Size(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def before(self):
        """Return the bits of the float network."""
        return self.weights * FLOAT_BITS + self.bias_bits

    def plain(self):
        """Return the bits of codes and runs of a fixed width, values and biases included."""
        return self.code_bits + self.run_bits + self.shared_bits + self.bias_bits

    def packed(self):
        """Return the bits after Huffman, tables, values and biases included."""
        return self.huffman_code_bits + self.huffman_run_bits + self.table_bits + self.shared_bits + self.bias_bits


def size_of(codes, values, rows, code_bits, index_bits=INDEX_BITS):
    """Return the Size of a matrix of codes (0: no weight) with so many shared values, and of its biases, one a row."""
    out_codes, out_runs = relative_codes(codes, index_bits)
    size = Size(weights=int(np.size(codes)), kept=int(np.count_nonzero(codes)), bias_bits=rows * FLOAT_BITS,
                shared_bits=values * FLOAT_BITS)
    size.padding = len(out_codes) - size.kept
    size.code_bits, size.run_bits = len(out_codes) * code_bits, len(out_runs) * index_bits
    for name, symbols, width in (("huffman_code_bits", out_codes, code_bits), ("huffman_run_bits", out_runs, index_bits)):
        lengths = huffman_lengths(symbols)
        values_of, counts = np.unique(symbols, return_counts=True)
        setattr(size, name, sum(int(count) * lengths[int(value)] for value, count in zip(values_of, counts)))
        size.table_bits += 2 ** width * 5  # canonical: a length of at most 31 for every symbol
    return size
