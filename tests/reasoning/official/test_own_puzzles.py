"""Attention TRM and HRM under the official names on a user's own puzzles: from the files to the findings."""

import numpy as np
import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.reasoning import analysis, checks, simulation, sudoku
from emergent_dynamics.reasoning.findings import cells, evolution, precision
from emergent_dynamics.reasoning.official import inspection, puzzles
from emergent_dynamics.reasoning.parameters import Settings
from tests.reasoning.official.cases import SMALL_RUNS, experiment, small_run


def brought(folder, name):
    """A small run of two steps on own puzzles: the experiment, and the puzzles."""
    where, made = small_run(folder, name, {100: 0.9, 200: 0.7})
    return experiment(folder, examples=8, exponents=1, checkpoint=where), made


@pytest.mark.parametrize("name", SMALL_RUNS)
def test_an_official_model_is_diagnosed_on_own_puzzles(name, tmp_path):
    given, _ = brought(tmp_path, name)
    assert list(checks.check(given)) == []
    assert inspection.inputs(given)["checkpoint.data_puzzles"] == str(tmp_path / "p.csv")
    path = tmp_path / "trajectory.zarr"
    driver.run(
        simulation.build(given), tmp_path / "c", path, provenance.attributes("reasoning", "t", given, "")
    )
    diagnosed, settings = analysis.diagnose(str(path), given), Settings.from_config(given)
    table = cells.find(diagnosed, settings)["examples"]
    assert table.loc[table["table"] == "step_200", "idx"].tolist() == list(range(8))
    assert np.isfinite(table[["lambda1", "log_drift"]].to_numpy()).all()
    assert evolution.find(diagnosed, settings)["evolution"]["step"].unique().tolist() == [100, 200]
    rows = precision.find(diagnosed, settings)
    assert {"accuracy_bfloat16", "share_at_floor"} <= precision.summarise(diagnosed, rows).keys()


def test_own_puzzles_are_the_tokens_of_the_official_builder(tmp_path):
    """1 where a cell is empty and 1 + digit elsewhere, every label counted, one identifier."""
    given, made = brought(tmp_path, "hrm")
    drawn = puzzles.draw(inspection.bring(given).split, "first", 12, 1)
    assert np.array_equal(drawn.question, made.question + 1)
    assert np.array_equal(drawn.answer, made.answer + 1)
    assert drawn.identifier.tolist() == [0] * 12 and drawn.base_puzzle.tolist() == list(range(12))


def test_puzzles_of_another_size_or_none_are_one_line(tmp_path):
    given, _ = brought(tmp_path, "hrm")
    np.save(tmp_path / "six.npy", sudoku.generate(6, 12, (12, 16), 1).question)
    for data, said in (("six.npy", "(6, 32); expected (8, 32)"), ("run/step_100", "not a file of sudoku")):
        wrong = given | {"checkpoint": given["checkpoint"] | {"data": str(tmp_path / data)}}
        key, _, allowed = next(checks.check(wrong))
        assert key in ("checkpoint.data", "checkpoint.path") and said in allowed and "\n" not in allowed
    many = given | {"examples": 13}
    assert next(checks.check(many))[0] == "examples"


@pytest.mark.slow
def test_attention_trm_and_hrm_go_from_the_configuration_to_the_report(tmp_path):
    """Through the real rules, with 64 puzzles, in two jobs at a time: front page, report, findings of both series."""
    import json

    from tests.workflow.project import Project, Warm, copy_checkout, write_config

    copy_checkout(tmp_path / "workflow")
    (tmp_path / "here").mkdir()
    asked = {}
    for name in SMALL_RUNS:
        where, _ = small_run(tmp_path / "here" / name, name, {100: 0.9, 200: 0.7}, puzzles=64)
        asked[name] = {
            "source": "checkpoint",
            "examples": 64,
            "exponents": 2,
            "resamples": 20,
            "checkpoint": where,
        }
    warm = Warm()
    config = write_config(tmp_path / "config.yaml", asked, "reasoning")
    project = Project(tmp_path / "workflow", tmp_path / "here", config, warm)
    try:
        ran = project.run("--cores", "2")
        assert ran.status == 0, ran.said[-3000:]
    finally:
        warm.close()
    for name in SMALL_RUNS:
        headlines = json.loads(project.path(f"results/reasoning/{name}/summary.json").read_text())
        assert "accuracy_bfloat16" in json.dumps(headlines)
        assert project.path(f"results/reasoning/{name}/figures/evolution.svg").exists()
    page = project.path("results/index.html").read_text()
    assert all(name in page for name in SMALL_RUNS) and project.path("results/report.html").exists()
