"""The page on the original studies: every experiment has a question, and a small run gives a section for each."""

import json

import pandas as pd
import pytest
import yaml

from performance import reproduction
from tests.workflow.project import CHECKOUT, run

GIVEN = yaml.safe_load(reproduction.REPORTED.read_text())


def test_every_entry_has_its_question_and_what_was_reported():
    for study in GIVEN.values():
        assert study["source"] and study["needed"]
        for about in study["experiments"].values():
            assert about["question"].endswith(("?", ".")) and set(about) <= {"question", "reported"}
            assert all(
                set(said) <= {"says", "headline", "value", "spread"} for said in about.get("reported", [])
            )


def record(headline, value, experiment="one", **more):
    empty = dict.fromkeys(["lo", "hi", "rank", "expected"], float("nan"))
    rest = {"unit": "1", "n": 64, "relation": None, "verdict": None, "weak": None}
    said = {"system": "toy", "experiment": experiment, "headline": headline, "sentence": f"How {headline}"}
    return said | empty | rest | {"value": value} | more


@pytest.fixture
def finished(tmp_path):
    """A run of `toy` with two experiments, one a sweep; what three jobs took."""
    rows = [
        record("many", 5.8, lo=5.6, hi=6.0, rank=1, relation="=", expected=5.8, verdict="agrees", weak=False),
        record("sd", 0.1),
        record("wide", 2.0, rank=4, relation="=", expected=9.0, verdict="disagrees", weak=False),
        record("far", 1.0, "two/a=1", lo=0.0, hi=2.0, rank=1),
        record("far", 2.0, "two/a=2", rank=1, relation="=", expected=2.0, verdict="none", weak=True),
    ]
    (tmp_path / "results").mkdir()
    pd.DataFrame(rows).to_csv(tmp_path / "results" / "headlines.csv", index=False)
    for name, seconds, most in (("one/a", 1.2, 100), ("one/b", 2.2, 300), ("two/a=1/a", 5, 50)):
        path = tmp_path / "logs" / "toy" / f"{name}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("begun\n" + json.dumps({"mem_mb": 1, "peak_mb": most, "cpu_s": seconds}) + "\n")
    return tmp_path


def test_a_section_has_what_was_reported_ours_the_verdict_and_the_cost(finished):
    """6 ± 0.1 beside 5.8 [5.6, 6.0]: within 4 combined standard errors; a value of one run has no verdict."""
    reported = [
        {"says": "six", "headline": "many", "value": 6, "spread": "sd"},
        {"says": "nine", "headline": "wide", "value": 9},
        {"says": "a sentence"},
    ]
    record_of = pd.read_csv(finished / "results" / "headlines.csv")
    pd.concat([record_of, record_of.assign(experiment="four")]).to_csv(finished / "results" / "headlines.csv")
    experiments = {
        "one": {"question": "What?", "reported": reported},
        "two": {"question": "And?"},
        "three": {"question": "Hm?"},
    }
    text = reproduction.page(
        finished, {"toy": {"source": "s", "needed": "26 hours", "experiments": experiments}}
    )
    assert "Original: s. It needed: 26 hours." in text
    assert "| reported: six; How many |  | 5.80 [5.60, 6.00] | 6 ± 0.1 | agrees |" in text
    assert "| reported: nine; How wide |  | 2 | 9 | no verdict: one run |" in text
    assert "| reported: a sentence | | | | |" in text
    assert "| How many |  | 5.80 [5.60, 6.00] | = 5.8 | agrees |" in text
    assert (
        "2 compared: 1 agree, 0 without a verdict, 1 disagree, which is open: `wide` of one. 3 CPU s, 300 MB."
        in text
    )
    assert "Reported: nothing." in text and "| How far | a=1 | 1.0 [0.0, 2.0] |  |  |" in text
    assert "| How far | a=2 | 2 | = 2 | weak |" in text
    assert "1 compared: 0 agree, 1 without a verdict, none disagrees. 5 CPU s, 50 MB." in text
    assert text.endswith("Experiments of this run without an entry: four of toy.\n")
    assert "### three\n\nHm?\n\nNot in this run." in text


@pytest.mark.slow  # half a minute: an experiment through Snakemake
def test_a_small_run_of_an_experiment_gives_its_section(tmp_path):
    small = {"runs": 8, "tokens": 32, "steps": 200, "save": {"every": 20}}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"experiments": {"causal": {"circle": small}}}))
    asked = ["--configfile", config, "--directory", tmp_path, "--cores", "1", "results/headlines.csv"]
    found = run(*asked, cwd=CHECKOUT)
    assert found.status == 0, found.said
    text = reproduction.page(tmp_path, GIVEN)
    section = text.partition("### circle\n")[2].partition("\n### ")[0]
    assert section.count("| reported: ") == len(GIVEN["causal"]["experiments"]["circle"]["reported"])
    assert " ± " in section and " compared: " in section and " CPU s, " in section
    assert text.count("Not in this run.") == sum(len(study["experiments"]) for study in GIVEN.values()) - 1
