# SPDX-License-Identifier: Apache-2.0
"""Reports: the JSON of the program, with attributes."""
from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, get_type_hints


class Node:
    """A part of a report: its keys are attributes. Keys that a later version adds are there too."""

    _values: Dict[str, Any]

    def __init__(self, values: Mapping[str, Any]) -> None:
        kinds = get_type_hints(type(self))
        object.__setattr__(self, "_values", {key: _wrapped(value, kinds.get(key)) for key, value in values.items()})

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__") or key == "_values":
            raise AttributeError(key)
        if key in self._values:
            return self._values[key]
        raise AttributeError(f"the report has no '{key}' here: expected one of {', '.join(self._values)}")

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError(f"{key}: a report cannot be changed")

    def __getitem__(self, path: str) -> Any:
        """A key, or a path of keys: report["work.entries"]."""
        value: Any = self
        for key in path.split("."):
            if not isinstance(value, Node) or key not in value._values:
                raise KeyError(path)
            value = value._values[key]
        return value

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __dir__(self) -> List[str]:
        return sorted(set(super().__dir__()) | set(self._values))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.to_dict() == other.to_dict()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self._values.items())})"

    def __reduce__(self) -> Any:
        return type(self), (self.to_dict(),)

    def to_dict(self) -> Dict[str, Any]:
        """What the program writes as JSON, as dictionaries and lists of its own."""
        return {key: _plain(value) for key, value in self._values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Node):
        return value.to_dict()
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _wrapped(value: Any, kind: Any) -> Any:
    if isinstance(value, Mapping):
        return _node_class(kind)(value)
    return [_wrapped(item, kind) for item in value] if isinstance(value, list) else value


def _node_class(kind: Any) -> type:
    """The class in `Work`, `Optional[Work]` and `List[Report]`."""
    for part in (kind, *getattr(kind, "__args__", ())):
        if isinstance(part, type) and issubclass(part, Node):
            return part
    return Node


class Work(Node):
    """Entries of the broadcast columns."""

    entries: int
    padding: int
    padding_skipped: int
    per_pe_min: int
    per_pe_mean: float
    per_pe_max: int
    per_pe: List[int]


class Stalls(Node):
    """Cycles without work."""

    queue_full_cycles: int
    starved_pe_cycles: int
    act_transfer_cycles: int


class SramReads(Node):
    """Rows, banks and words."""

    spmat: int
    ptr: int
    act: int


class PeCycles(Node):
    """Where the cycles of all PEs went; their sum is n_pe * cycles."""

    work: int
    padding: int
    empty_column: int
    held: int
    no_candidate: int
    fill: int
    drain: int
    transfer: int


class Floors(Node):
    """Cycles that no arrangement of the same work can go below."""

    nonzeros: float
    broadcasts: int
    distance: Optional[float]


class Formats(Node):
    """Fraction bits."""

    weight_frac: int
    act_frac: int
    out_frac: int
    shift: int


class FloatError(Node):
    """Against the float product with the weights as given (`reference` is "weights"), or as a container holds them ("shared")."""

    max_abs: float
    rms: float
    reference: str


class WeightSharing(Node):
    """How weights became shared values, and what it cost."""

    distinct: int
    shared: int
    clustered: bool
    start: str
    max_abs: float
    rms: float


class HostSeconds(Node):
    """Seconds of this machine."""

    encode: float
    simulate: float
    golden: float


class Report(Node):
    """What a run was and what came of it. docs/eie.md says what each key means; of a network, `layers` is a list of these, and
    the rest are sums.

    >>> import eie
    >>> report = eie.run([[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0], config="eie4").report
    >>> report.work.entries, report["work.entries"], report.to_dict()["work"]["entries"]
    (2, 2, 2)
    """

    schema: str
    version: str
    command: str
    engine: str
    config: str
    n_pe: int
    clock_mhz: float
    rows: int
    columns: int
    cycles: int
    time_us: float
    io_cycles: Optional[int]
    launches: int
    batches: int
    broadcasts: int
    work: Work
    load_balance: Optional[float]
    stalls: Stalls
    sram_reads: SramReads
    ecc_corrected: Optional[int]
    pe_cycles: PeCycles
    floors: Floors
    formats: Formats
    codebook: List[int]
    weight_sharing: WeightSharing
    balance: Optional[Node]
    golden_match: bool
    mismatches: int
    saturated: bool
    float_error: FloatError
    energy: Optional[Node]
    cold_start: Optional[Node]
    area: Optional[Node]
    quantisation: Node
    warnings: List[str]
    host_seconds: HostSeconds
    configuration: Node
    accuracy: Optional[float]
    float_accuracy: Optional[float]
    layers: List[Report]

    def __repr__(self) -> str:
        match = "as the golden model" if self.golden_match else "NOT as the golden model"
        return f"<Report of {self.config} on engine {self.engine}: {self.cycles:,} cycles, outputs {match}>"


class Stream(Node):
    """Codes or indices of a layer as they are stored: bits an entry, bytes."""

    bits: int
    huffman_bits: float
    entropy: float
    bytes: int
    huffman_bytes: int


class StoredBytes(Node):
    """Sizes: dense float32, stored, and stored through Huffman codes."""

    float32: int
    stored: int
    huffman: int


class Rate(Node):
    """Times smaller than dense float32."""

    stored: float
    huffman: float


class Sharing(Node):
    """Shared values, and how far they are from the weights that stay."""

    values: int
    start: str
    max_error: float
    rms_error: float


class DeviceFit(Node):
    """The layer on the configuration; `obstacle` says why it does not fit, and the rest is missing then."""

    obstacle: Optional[str]
    launches: Optional[int]
    act_resident: bool
    entries: int
    padding: int
    per_pe_min: int
    per_pe_max: int
    balance: float


class Sizes(Node):
    """How much storage the weights take, in the columns of Deep Compression."""

    weights: int
    kept: int
    density: float
    padding: int
    codes: Stream
    indices: Stream
    codebook_bytes: int
    table_bytes: int
    bytes: StoredBytes
    rate: Rate


class LayerSizes(Sizes):
    """The same of a layer, and what else was found out."""

    name: str
    rows: int
    columns: int
    zeros_before: int
    asked_density: Optional[float]
    codebook: List[float]
    sharing: Sharing
    output_error: Optional[float]
    chained_output_error: Optional[float]
    device: DeviceFit


class CompressionReport(Node):
    """What eie.compress() found out; docs/compression.md says what each key means."""

    schema: str
    version: str
    command: str
    config: str
    n_pe: int
    configuration: Node
    options: Node
    inputs: List[Node]
    warnings: List[str]
    name: str
    code_bits: int
    index_bits: int
    layers: List[LayerSizes]
    total: Sizes

    def __repr__(self) -> str:
        return f"<CompressionReport of {self.name}: {self.total.rate.stored:.1f} times smaller, {self.total.rate.huffman:.1f} with Huffman coding>"
