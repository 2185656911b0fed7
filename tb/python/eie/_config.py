# SPDX-License-Identifier: Apache-2.0
"""Hardware configurations."""
from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Tuple, Union

from . import _eie

ConfigLike = Union[str, "os.PathLike[str]", "Config"]


def _text(key: str, value: object) -> str:
    """As a YAML file has it."""
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    if hasattr(value, "item"):  # a scalar of NumPy
        return _text(key, value.item())
    raise _eie.Error(f"key '{key}' is {value!r}: expected a number, a text, True or False")


class Config:
    """A hardware configuration: one by name or a YAML file, with keys changed. It has an attribute for each key and cannot be
    changed itself.

    >>> config = Config("eie64", queue_depth=15)
    >>> config.n_pe, config.queue_depth, config.ecc
    (64, 15, False)
    >>> config.name
    'eie64-queue_depth-15'
    >>> config.replace(n_pe=16).n_pe
    16
    >>> Config("eie64", queue_depth=0)
    Traceback (most recent call last):
        ...
    eie.Error: --set queue_depth=0: key 'queue_depth' is 0: expected an integer from 1 to 256
    """

    __slots__ = ("_path", "_changes", "_hardware")
    _path: str
    _changes: Tuple[Tuple[str, str], ...]
    _hardware: _eie.HwConfig

    def __init__(self, name_or_path: ConfigLike = "eie64", /, **keys: object) -> None:
        """Raises Error for a name that is not known, a file that cannot be read, and a key or a value that is not legal."""
        if isinstance(name_or_path, Config):
            path, changes = name_or_path._path, name_or_path._changes
        else:
            path, changes = os.path.abspath(_eie.config_file(os.fspath(name_or_path))), ()
        changes += tuple((key, _text(key, value)) for key, value in keys.items())
        object.__setattr__(self, "_path", path)
        object.__setattr__(self, "_changes", changes)
        object.__setattr__(self, "_hardware", _eie.load_config(path, list(changes)))

    @property
    def path(self) -> str:
        """Its file."""
        return self._path

    @property
    def changes(self) -> Tuple[Tuple[str, str], ...]:
        """Keys that are not as in the file, and their values as text; the last of a key counts."""
        return self._changes

    def replace(self, **keys: object) -> Config:
        """The same with keys changed."""
        return Config(self, **keys)

    def to_dict(self) -> Dict[str, Any]:
        """All keys with their values, in the order of a file."""
        return {key: getattr(self._hardware, key) for key in _eie.config_keys()}

    def to_yaml(self) -> str:
        """A configuration as a file, which Config() reads and the build compiles."""
        return _eie.config_yaml(self._hardware)

    def __getattr__(self, key: str) -> Any:
        if key in _eie.config_keys():
            return getattr(self._hardware, key)
        raise AttributeError(f"a configuration has no key '{key}': expected one of {', '.join(_eie.config_keys())}")

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError(f"{key}: a configuration cannot be changed: expected config.replace({key}=...)")

    def __dir__(self) -> List[str]:
        return sorted(set(super().__dir__()) | set(_eie.config_keys()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.to_yaml())

    def __reduce__(self) -> Tuple[Any, ...]:
        return _again, (self._path, self._changes)

    def __repr__(self) -> str:
        return "Config(" + ", ".join([repr(self._path)] + [f"{key}={value!r}" for key, value in self._changes]) + ")"


def _again(path: str, changes: Tuple[Tuple[str, str], ...]) -> Config:
    config = Config(path)
    for key, value in changes:
        config = config.replace(**{key: value})
    return config


def config_of(config: ConfigLike, keys: Mapping[str, object]) -> Config:
    """What the arguments of a run say."""
    return config if isinstance(config, Config) and not keys else Config(config, **keys)


def configs() -> Dict[str, str]:
    """Names of the configurations that are found by name, and their files.

    >>> "eie64" in configs()
    True
    """
    return dict(_eie.configs())
