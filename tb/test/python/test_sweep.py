# SPDX-License-Identifier: Apache-2.0
"""eie.sweep()."""
import eie
import numpy as np
import pytest
from conftest import layer, shared_layer, without_time


def test_combinations_come_in_order():
    W, a = shared_layer()
    results = eie.sweep({"n_pe": [4, 8], "queue_depth": [1, 3, 15]}, W, a, config="eie4", jobs=4)
    assert [(c.n_pe, c.queue_depth) for c in results.configs] == [(n, q) for n in (4, 8) for q in (1, 3, 15)]
    for result in results:
        alone = eie.run(W, a, config=result.config)
        assert without_time(alone.report.to_dict()) == without_time(result.report.to_dict())
        assert np.array_equal(alone.raw, result.raw)
    assert results.reports[2].cycles <= results.reports[0].cycles
    table = results.table("n_pe", "queue_depth", "cycles", "work.padding")
    assert table[4] == {"n_pe": 8, "queue_depth": 3, "cycles": results[4].report.cycles, "work.padding": results[4].report.work.padding}
    assert set(results.table()[0]) == {"config", "cycles", "time_us", "load_balance", "golden_match"}
    assert len(results[1:3]) == 2 and isinstance(results[1:3], eie.Sweep)
    with pytest.raises(eie.Error, match="column 'cycels'"):
        results.table("cycels")


@pytest.mark.filterwarnings("ignore::eie.ResultWarning")
def test_results_do_not_depend_on_threads():
    W, a = layer(200, 150)
    samples = np.vstack([a, a[::-1], a * 0.5])
    runs = [eie.sweep({"queue_depth": list(range(1, 9))}, W, samples, relu=True, config="eie16", jobs=jobs) for jobs in (1, 2, 8)]
    plain = [[without_time(report.to_dict()) for report in run.reports] for run in runs]
    assert plain[0] == plain[1] == plain[2]
    for k in range(8):
        assert np.array_equal(runs[0][k].raw, runs[2][k].raw)


def test_configurations_as_a_list(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(eie.Config("eie4", name="mine").to_yaml())
    results = eie.sweep(["eie4", file, eie.Config("eie4", n_pe=2)], np.eye(6), np.ones(6))
    assert [config.name for config in results.configs] == ["eie4", "mine", "eie4-n_pe-2"]
    assert repr(results) == "Sweep(eie4, mine, eie4-n_pe-2)"


@pytest.mark.parametrize("configs, message", [
    ([], "configs is empty"), ("eie4", "configs is one configuration"), ({"n_pe": 4}, "key 'n_pe' is 4: expected a list"),
    ({"n_pe": []}, "key 'n_pe' has no values"), ({"n_pe": [4, 3]}, "key 'n_pe' is 3"), ({"pe": [4]}, "unknown key 'pe'"),
    (["eie4", "eie5"], "config eie5"), ({"n_pe": "48"}, "expected a list"),
])
def test_what_is_refused(configs, message):
    with pytest.raises(eie.Error) as caught:
        eie.sweep(configs, np.eye(4), np.ones(4), config="eie4")
    assert message in str(caught.value)


def test_a_failure_is_that_of_the_first_configuration():
    with pytest.raises(eie.Error, match="W: has shape"):
        eie.sweep({"n_pe": [2, 4, 8]}, np.eye(4), np.ones(3), config="eie4")
    with pytest.raises(eie.Error, match="jobs is 0"):
        eie.sweep(["eie4"], np.eye(4), np.ones(4), jobs=0)
