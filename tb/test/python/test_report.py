# SPDX-License-Identifier: Apache-2.0
"""Reports as objects."""
import copy
import json
import os
import pickle
from typing import get_type_hints

import eie
import numpy as np
import pytest
from conftest import SOURCE
from eie import _report


def schema():
    with open(os.path.join(SOURCE, "tb", "layers", "report.schema.json"), encoding="utf-8") as text:
        return json.load(text)


def names_in(value, found):
    """All names of properties in a schema."""
    if isinstance(value, dict):
        found.update(value.get("properties", {}))
        required = value.get("required", [])
        found.update(required if isinstance(required, list) else [])  # a property may have this name
        for item in value.values():
            names_in(item, found)
    elif isinstance(value, list):
        for item in value:
            names_in(item, found)
    return found


def test_what_is_declared_is_in_the_schema():
    known = names_in(schema(), set())
    kinds = [kind for kind in vars(_report).values() if isinstance(kind, type) and issubclass(kind, _report.Node)]
    assert len(kinds) > 5
    for kind in kinds:
        declared = {name for name in get_type_hints(kind) if not name.startswith("_")}
        assert declared <= known, kind


def compare(node, plain):
    assert set(node) == set(plain) and len(node) == len(plain)
    for key, value in plain.items():
        seen = getattr(node, key)
        assert key in node and key in dir(node)
        if isinstance(value, dict):
            compare(seen, value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for item, expected in zip(seen, value):
                compare(item, expected)
        else:
            assert seen == value == node[key]


def test_attributes_mirror_the_json():
    report = eie.Network([np.eye(4), np.eye(4)]).run(np.eye(4), config="eie4").report
    plain = report.to_dict()
    compare(report, plain)
    assert json.loads(json.dumps(plain)) == plain
    assert isinstance(report.layers[1], eie.Report) and isinstance(report.layers[1].work, _report.Work)
    assert report["work.entries"] == plain["work"]["entries"]


def test_a_report_is_a_value():
    report = eie.run(np.eye(4), np.ones(4), config="eie4").report
    with pytest.raises(AttributeError, match="expected one of .*cycles"):
        report.cycels
    with pytest.raises(KeyError):
        report["work.entry"]
    with pytest.raises(AttributeError):
        report.cycles = 0
    for again in (pickle.loads(pickle.dumps(report)), copy.deepcopy(report)):
        assert again == report and type(again) is eie.Report
    report.to_dict()["cycles"] = -1
    assert report.cycles > 0
    assert "golden model" in repr(report)


def test_the_report_fits_the_schema():
    jsonschema = pytest.importorskip("jsonschema")
    for report in (eie.run(np.eye(4), np.ones(4), config="eie4", queue_depth=3).report,
                   eie.Network([np.eye(4)]).run(np.eye(4), [0, 1, 2, 3], config="eie4").report):
        jsonschema.validate(report.to_dict(), schema())
