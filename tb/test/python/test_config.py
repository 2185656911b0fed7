# SPDX-License-Identifier: Apache-2.0
"""eie.Config."""
import copy
import os
import pickle

import eie
import numpy as np
import pytest
from conftest import SOURCE


def test_every_key_is_an_attribute():
    config = eie.Config()
    assert config.name == "eie64"
    values = config.to_dict()
    assert list(values)[0] == "name" and len(values) >= 19
    assert {key: getattr(config, key) for key in values} == values
    assert set(values) <= set(dir(config))
    assert (config.n_pe, config.ecc, config.clock_mhz) == (64, False, 800.0)
    assert isinstance(config.ecc, bool) and isinstance(config.n_pe, int) and isinstance(config.clock_mhz, float)


def test_names_and_paths(tmp_path, monkeypatch):
    file = os.path.join(SOURCE, "configs", "eie4.yaml")
    assert eie.Config(file) == eie.Config("eie4") == eie.Config(eie.Config("eie4"))
    (tmp_path / "mine.yaml").write_text(eie.Config("eie4", name="mine", queue_depth=3).to_yaml())
    monkeypatch.chdir(tmp_path)
    mine = eie.Config("mine.yaml")
    assert (mine.name, mine.queue_depth, mine.n_pe) == ("mine", 3, 4)
    assert mine == eie.Config(tmp_path / "mine.yaml")
    monkeypatch.chdir("/")
    assert mine.replace(n_pe=8).n_pe == 8  # its path does not depend on the folder
    assert "eie64" in eie.configs() and os.path.isfile(eie.configs()["eie64"])


def test_values_of_python_and_numpy():
    config = eie.Config("eie64", n_pe=np.int64(16), ecc=True, clock_mhz=np.float32(500), queue_depth="9", skip_padding=np.bool_(True))
    assert (config.n_pe, config.ecc, config.clock_mhz, config.queue_depth, config.skip_padding) == (16, True, 500.0, 9, True)
    assert config.name == eie.Config(config).name != "eie64"


def test_a_configuration_stays_as_it_is():
    config = eie.Config("eie4")
    with pytest.raises(AttributeError, match="expected config.replace"):
        config.queue_depth = 3
    with pytest.raises(AttributeError, match="no key 'queue'"):
        config.queue
    other = config.replace(queue_depth=3).replace(queue_depth=5)
    assert (config.queue_depth, other.queue_depth) == (7, 5)
    assert config != other and len({config, other, eie.Config("eie4")}) == 2
    for again in (pickle.loads(pickle.dumps(other)), copy.deepcopy(other)):
        assert again == other and again.changes == other.changes
    assert "queue_depth" in repr(other)


@pytest.mark.parametrize("arguments, keys, message", [
    (("eie65",), {}, "nearest: eie64"),
    (("/nowhere/x.yaml",), {}, "/nowhere/x.yaml"),
    (("eie64",), {"queue_depth": 0}, "key 'queue_depth' is 0: expected an integer from 1 to 256"),
    (("eie64",), {"queue_depth": 2.5}, "queue_depth"),
    (("eie64",), {"n_pe": "many"}, "key 'n_pe' is many"),
    (("eie64",), {"ecc": 3}, "key 'ecc' is 3"),
    (("eie64",), {"ecc": None}, "key 'ecc' is None: expected a number, a text, True or False"),
    (("eie64",), {"depth": 3}, "unknown key 'depth'"),
    (("eie64",), {"code_width": 5}, "code_width"),
    (("eie64",), {"clock_mhz": float("nan")}, "clock_mhz"),
    (("eie64",), {"name": "two words"}, "name"),
])
def test_what_is_refused(arguments, keys, message):
    with pytest.raises(eie.Error) as caught:
        eie.Config(*arguments, **keys)
    assert message in str(caught.value)
