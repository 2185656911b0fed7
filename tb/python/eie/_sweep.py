# SPDX-License-Identifier: Apache-2.0
"""A layer on many configurations."""
from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Union

from . import _eie
from ._config import Config, ConfigLike, config_of
from ._operands import MatrixLike, samples_of
from ._report import Report
from ._run import ENGINES, TECHNOLOGY, Order, Path, Result, balance_of, carry_out, check_engine, layer_of, technology_of, warn

COLUMNS = ("config", "cycles", "time_us", "load_balance", "golden_match")


class Sweep(Sequence[Result]):
    """Results in the order of their configurations."""

    def __init__(self, results: Iterable[Result]) -> None:
        self._results = list(results)

    def __getitem__(self, index: Any) -> Any:
        return self._results[index] if not isinstance(index, slice) else Sweep(self._results[index])

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    @property
    def reports(self) -> List[Report]:
        return [result.report for result in self._results]

    @property
    def configs(self) -> List[Config]:
        return [result.config for result in self._results]

    def table(self, *columns: str) -> List[Dict[str, Any]]:
        """A row a configuration, for people or for pandas.DataFrame(): keys of the configuration, and of the report by their path
        ("work.padding"). Raises Error for another name."""
        rows = []
        for result in self._results:
            configuration = result.config.to_dict()
            row = {}
            for column in columns or COLUMNS:
                if column in configuration:
                    row[column] = configuration[column]
                    continue
                try:
                    row[column] = result.report[column]
                except KeyError:
                    raise _eie.Error(f"column '{column}': expected a key of the configuration or of the report, "
                                     "such as 'queue_depth', 'cycles' or 'work.padding'") from None
            rows.append(row)
        return rows

    def __repr__(self) -> str:
        return f"Sweep({', '.join(config.name for config in self.configs)})"


def _configs_of(configs: Union[Mapping[str, Sequence[object]], Iterable[ConfigLike]], base: ConfigLike) -> List[Config]:
    if isinstance(configs, (str, os.PathLike, Config)):
        raise _eie.Error("configs is one configuration: expected a list of them, or lists of values by key")
    if not isinstance(configs, Mapping):
        made = [config_of(config, {}) for config in configs]
        if not made:
            raise _eie.Error("configs is empty: expected at least one configuration")
        return made
    for key, values in configs.items():
        if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
            raise _eie.Error(f"key '{key}' is {values!r}: expected a list of values")
    values_by_key = {key: list(values) for key, values in configs.items()}
    for key, values in values_by_key.items():
        if not values:
            raise _eie.Error(f"key '{key}' has no values: expected at least one")
    first = config_of(base, {})
    return [config_of(first, dict(zip(values_by_key, values))) for values in itertools.product(*values_by_key.values())]


def sweep(configs: Union[Mapping[str, Sequence[object]], Iterable[ConfigLike]], W: MatrixLike, a: MatrixLike,
          bias: Optional[MatrixLike] = None, relu: bool = False, config: ConfigLike = "eie64", engine: str = "tlm", *,
          jobs: Optional[int] = None, weight_frac: Optional[int] = None, act_frac: Optional[int] = None,
          out_frac: Optional[int] = None, balance: str = "none", balance_window: Optional[int] = None,
          calibration: Optional[MatrixLike] = None, technology: Path = TECHNOLOGY) -> Sweep:
    """A layer, as eie.run() takes it, on many configurations.

    configs: names, files or Config objects; or lists of values by key, every combination of which changes `config`, the last key
    fastest. jobs: configurations at a time, in threads of this process on engine tlm; None: as many as there are processors.
    Results do not depend on it and come in the order of the configurations. Raises Error, DeviceError: that of the first
    configuration that fails.

    >>> import numpy as np, eie
    >>> results = eie.sweep({"n_pe": [2, 4], "queue_depth": [1, 7]}, np.eye(8), np.ones(8), config="eie4")
    >>> [(row["n_pe"], row["queue_depth"], row["golden_match"]) for row in results.table("n_pe", "queue_depth", "golden_match")]
    [(2, 1, True), (2, 7, True), (4, 1, True), (4, 7, True)]
    """
    if engine not in ENGINES:
        check_engine(engine, 1)
    jobs = min(os.cpu_count() or 1, 256) if jobs is None else jobs
    check_engine("tlm", jobs)
    samples, one = samples_of("a", a)
    layer = layer_of(W, bias, relu, weight_frac, act_frac, out_frac)
    stop = _eie.Stop()
    costs = technology_of(technology)
    dealt = balance_of(balance, balance_window, calibration)
    orders = [Order("run", [layer], samples, made, engine, 1, (), stop, dealt, costs) for made in _configs_of(configs, config)]
    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        results = list(pool.map(lambda order: carry_out(order, one, quiet=True), orders))
    except BaseException:  # Ctrl-C too: nobody waits for the others
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()
    for result in results:
        mismatch = [] if result.report.golden_match else ["does not match the golden model"]
        warn([f"{result.config.name}: {text}" for text in mismatch + list(result.report.warnings)])
    return Sweep(results)
