"""The page on the original studies: its answers hold, it has the kept run's numbers, a small run gives a section."""

import json
import math

import pandas as pd
import pytest
import yaml

from performance import reproduction
from performance.answers import chosen, filled, holds
from tests.workflow.project import CHECKOUT, run

GIVEN = yaml.safe_load(reproduction.REPORTED.read_text())
SEEDS = yaml.safe_load((CHECKOUT / "config" / "seeds.yaml").read_text())["experiments"]
EXPERIMENTS = [(system, name) for system, study in GIVEN.items() for name in study["experiments"]]


@pytest.fixture(scope="module")
def kept():
    """The headlines and costs of the last run of all experiments at full size."""
    return tuple(pd.read_csv(reproduction.KEPT / f"{name}.csv") for name in ("headlines", "costs"))


def test_every_experiment_of_the_seeds_has_an_entry_and_no_other():
    assert sorted(EXPERIMENTS) == sorted((system, name) for system in SEEDS for name in SEEDS[system])


def test_every_entry_has_its_question_and_what_was_reported():
    for study in GIVEN.values():
        assert study["source"] and study["needed"]
        for about in study["experiments"].values():
            assert about["question"].endswith(("?", ".")) and set(about) <= {
                "question",
                "answers",
                "reported",
            }
            assert all(set(answer) == {"says", "holds"} and answer["holds"] for answer in about["answers"])
            assert all(
                set(said) <= {"says", "headline", "value", "spread"} for said in about.get("reported", [])
            )


@pytest.mark.parametrize(("system", "name"), EXPERIMENTS)
def test_the_answers_of_an_experiment_hold_at_full_size(kept, system, name):
    own = [
        (answer, rows)
        for where, which, answer, rows in reproduction.answers(kept[0], GIVEN)
        if (where, which) == (system, name)
    ]
    assert own
    for answer, rows in own:
        assert [each for each in answer["holds"] if not holds(each, rows)] == [], filled(answer["says"], rows)


def test_the_page_is_that_of_the_kept_run(kept):
    assert reproduction.PAGE.read_text() == reproduction.page(*kept, GIVEN)


SWEEP = pd.DataFrame(
    [
        {"experiment": "s/a=1", "headline": "x", "value": 1.0, "lo": 0.5, "hi": 1.5, "verdict": "agrees"},
        {"experiment": "s/a=2", "headline": "x", "value": 3.0, "lo": 2.0, "hi": 4.0, "verdict": "none"},
        {
            "experiment": "s/a=1",
            "headline": "y",
            "value": 1.4,
            "lo": math.nan,
            "hi": math.nan,
            "verdict": None,
        },
        {
            "experiment": "s/a=2",
            "headline": "y",
            "value": 9.0,
            "lo": math.nan,
            "hi": math.nan,
            "verdict": None,
        },
        {
            "experiment": "s/a=2",
            "headline": "z",
            "value": math.nan,
            "lo": math.nan,
            "hi": math.nan,
            "verdict": None,
        },
    ]
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("x@a=1 < x@a=2", True),
        ("x@a=2 < x@a=1", False),
        ("x > 0.4", True),
        ("x > 0.6", False),  # 0.6 lies in the interval of the first member
        ("x@a=2 > 1.9", True),
        ("x < y", False),  # in the first member 1.4 lies in the interval
        ("x@a=2 < y", False),  # with a member named on one side, all of the other count
        ("x = y", False),  # in the second member 9 lies outside
        ("x@a=1 = 1.5", True),
        ("x@a=1 agrees", True),
        ("x agrees", False),
        ("z > 0", False),  # nothing was measured
        ("z = 0", False),
    ],
)
def test_a_condition_counts_intervals_and_members(condition, expected):
    assert holds(condition, SWEEP) is expected


def test_a_condition_on_a_headline_that_is_missing_is_an_error():
    with pytest.raises(KeyError, match="x@a=3"):
        holds("x@a=3 > 0", SWEEP)
    with pytest.raises(ValueError, match="neither a number"):
        chosen("1x", SWEEP)


def test_a_sentence_has_the_numbers_of_the_run():
    assert filled("From {x@a=1} to {y@a=2}: {x}.", SWEEP) == "From 1.00 [0.50, 1.50] to 9: 1 to 3."


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
    answers = [
        {"says": "There are {many}.", "holds": ["many agrees", "many > 5"]},
        {"says": "It is below 9: {wide}.", "holds": ["many agrees", "wide > 9"]},
    ]
    reported = [
        {"says": "six", "headline": "many", "value": 6, "spread": "sd"},
        {"says": "nine", "headline": "wide", "value": 9},
        {"says": "a sentence"},
    ]
    record_of = pd.read_csv(finished / "results" / "headlines.csv")
    pd.concat([record_of, record_of.assign(experiment="four")]).to_csv(finished / "results" / "headlines.csv")
    experiments = {
        "one": {"question": "What?", "answers": answers, "reported": reported},
        "two": {"question": "And?"},
        "three": {"question": "Hm?"},
    }
    given = {"toy": {"source": "s", "needed": "26 hours", "experiments": experiments}}
    text = reproduction.page(*reproduction.collected(finished, given), given)
    assert "- There are 5.80 [5.60, 6.00].\n" in text
    assert "- It is below 9: 2. **This does not hold in this run.**\n" in text
    assert "1 of 2 answers hold." in text
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
    text = reproduction.page(*reproduction.collected(tmp_path, GIVEN), GIVEN)
    section = text.partition("### circle\n")[2].partition("\n### ")[0]
    assert section.count("| reported: ") == len(GIVEN["causal"]["experiments"]["circle"]["reported"])
    assert " ± " in section and " compared: " in section and " CPU s, " in section
    assert text.count("Not in this run.") == sum(len(study["experiments"]) for study in GIVEN.values()) - 1
