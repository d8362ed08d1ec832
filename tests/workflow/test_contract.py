"""What others build on: paths, names, attributes and columns of a finished run, as docs/data-model.md promises."""

import csv
import hashlib
import json
import math
import re
import warnings
from html.parser import HTMLParser

import numpy as np
import pytest
import xarray as xr

EXPERIMENTS = ["ring", "scan/beta=9", "scan/beta=25"]
SIZES = {"ring": (3, 7, 16), "scan/beta=9": (2, 5, 12), "scan/beta=25": (2, 5, 12)}
SUMMARY = {
    *("value", "ci", "n", "unit", "sentence", "expectation", "rank", "note", "standard_error", "exact"),
    "verdict",
}
TABLES = {
    "leaders.csv": ["run", "leader", "size"],
    "thresholds.csv": ["run", "min_separation", "max_separation", "censored"],
    "centres.csv": ["run", "kind", "c", "precision", "recall", "exact"],
}


def opened(path):
    """A store as any user opens it, every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return xr.open_zarr(path)


@pytest.fixture
def results(finished):
    return finished.path("results", "causal")


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_a_trajectory_is_x_of_run_time_token_coord_with_a_clock(results, experiment):
    """x float64 of unit vectors; `step` the saved steps, both ends too; `time` = step dt / (1 + dt) for V = 1."""
    found = opened(results / experiment / "trajectory.zarr")
    assert found["x"].dims == ("run", "time", "token", "coord")
    assert found["x"].shape == (*SIZES[experiment], 2) and found["x"].dtype == np.float64
    assert set(found.coords) == {"step", "time"}
    np.testing.assert_allclose(np.linalg.norm(found["x"], axis=-1), 1.0, atol=1e-14)
    assert found["step"].values.tolist() == list(range(0, 10 * SIZES[experiment][1], 10))
    np.testing.assert_allclose(found["time"], found["step"] * 0.05 / 1.05, rtol=1e-12)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_groups_are_named_by_their_leader_and_counted(results, experiment):
    """label(run, time, token) is the smallest index of a token's group; n_clusters(run, time) counts leaders."""
    found = opened(results / experiment / "analysis" / "groups.zarr")
    assert found["label"].dims == ("run", "time", "token") and found["label"].shape == SIZES[experiment]
    assert found["n_clusters"].dims == ("run", "time")
    label = found["label"].values
    assert (label <= np.arange(label.shape[-1])).all()
    assert np.array_equal((label == np.arange(label.shape[-1])).sum(-1), found["n_clusters"].values)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_tables_have_the_promised_columns_first_to_last(results, experiment):
    """Columns may be added, none may go; a table is never empty."""
    for name, columns in TABLES.items():
        with (results / experiment / "analysis" / name).open() as file:
            rows = list(csv.DictReader(file))
        assert rows and [c for c in rows[0] if c in columns] == columns, name


def test_every_store_opens_without_a_warning_and_its_variables_say_what_they_are(finished):
    """long_name and units on every variable and coordinate; the attributes of design and data model."""
    stores = sorted(finished.path("results", "causal").rglob("*.zarr"))
    assert len(stores) >= 6
    for path in stores:
        found = opened(path)
        for name, variable in found.variables.items():
            assert variable.attrs.get("long_name") and variable.attrs.get("units"), f"{path}: {name}"
        parameters = json.loads(found.attrs["parameters"])
        experiment = path.relative_to(finished.path("results", "causal")).as_posix().split("/analysis/")[0]
        assert found.attrs["system"] == "causal"
        assert found.attrs["experiment"] == experiment.removesuffix("/trajectory.zarr")
        assert found.attrs["seed"] == "1" and parameters["seed"] == 1
        assert {"python", "numpy", "zarr"} <= set(json.loads(found.attrs["software"]))


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_a_trajectory_carries_all_parameters_resolved_and_their_digest(results, experiment):
    """`parameters` is canonical JSON without a hole; `parameters_sha256` is the sha256 of that text."""
    found = opened(results / experiment / "trajectory.zarr")
    text = found.attrs["parameters"]
    parameters = json.loads(text)
    assert {"beta", "tokens", "dimension", "runs", "integrator", "step_size", "steps", "save"} <= set(
        parameters
    )
    assert parameters["beta"] == {"ring": 49, "scan/beta=9": 9, "scan/beta=25": 25}[experiment]
    assert "sweep" not in parameters and "gap" not in parameters
    assert text == json.dumps(parameters, sort_keys=True)
    assert found.attrs["parameters_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", found.attrs["code_sha256"])


def test_content_digests_are_those_of_the_values(finished):
    """sha256 of the decoded values in C order, for every array of every store."""
    for path in finished.path("results", "causal").rglob("*.zarr"):
        found = opened(path)
        for name, variable in found.variables.items():
            values = np.ascontiguousarray(variable.values)
            assert variable.attrs["content_sha256"] == hashlib.sha256(values.tobytes()).hexdigest(), (
                f"{path}: {name}"
            )


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_summaries_are_complete_finite_or_null_and_merged(results, experiment):
    """summary.json joins all of analysis/*.summary.json; an expected value has its source, NaN is null with a note."""
    merged = json.loads((results / experiment / "summary.json").read_text(), parse_constant=pytest.fail)
    parts = [json.loads(p.read_text()) for p in (results / experiment / "analysis").glob("*.summary.json")]
    assert merged == {name: headline for part in parts for name, headline in part.items()}
    assert any(headline["expectation"] for headline in merged.values())
    for name, headline in merged.items():
        assert set(headline) == SUMMARY, name
        assert headline["ci"] is None or (
            len(headline["ci"]) == 2 and headline["ci"][0] <= headline["ci"][1]
        ), name
        assert isinstance(headline["n"], int) and headline["unit"], name
        assert (headline["expectation"] is None) == (headline["verdict"] is None), name
        verdict = headline["verdict"]
        assert verdict is None or verdict["outcome"] != "none" or verdict["reason"], (
            f"{name}: no verdict, no reason"
        )
        assert headline["value"] is not None or headline["note"], f"{name}: undefined without a reason"


def test_the_page_of_headlines_shows_every_one(finished):
    """headlines.csv has a row per headline and experiment; headlines.html holds them all in one file."""
    with finished.path("results", "headlines.csv").open() as file:
        rows = list(csv.DictReader(file))
    page = finished.path("results", "headlines.html").read_text()
    summaries = {experiment: f"{experiment}/summary.json" for experiment in EXPERIMENTS}
    summaries["scan"] = "scan/analysis/sweep.summary.json"
    wanted = {
        ("causal", experiment, name)
        for experiment, path in summaries.items()
        for name in json.loads(finished.path("results", "causal", path).read_text())
    }
    assert {(row["system"], row["experiment"], row["headline"]) for row in rows} == wanted
    assert all(name in page for _, _, name in wanted)
    assert all(math.isfinite(float(row["value"])) for row in rows if row["value"])


class Resources(HTMLParser):
    """Collects what a browser would fetch: src and href of tags that load."""

    def __init__(self):
        super().__init__()
        self.fetched = []

    def handle_starttag(self, tag, attrs):
        loads = {
            "script": "src",
            "link": "href",
            "img": "src",
            "iframe": "src",
            "video": "src",
            "source": "src",
        }
        source = dict(attrs).get(loads.get(tag, ""))
        if source and not source.startswith(("data:", "#", "blob:")):
            self.fetched.append((tag, source))


@pytest.mark.parametrize("page", ["report.html", "headlines.html"])
def test_pages_load_nothing_from_outside(finished, page):
    """Offline: no script, style, image or frame has an address other than the page itself."""
    text = finished.path("results", page).read_text()
    parser = Resources()
    parser.feed(text)
    assert parser.fetched == []
    assert not re.search(r"<script[^>]+src=|<link\b", text)


def test_the_report_holds_every_flagged_result_and_its_caption(finished):
    """The page of headlines and each figure that a rule makes are in the report, with the words of its caption."""
    report = finished.path("results", "report.html").read_text()
    figures = [
        p.name for p in finished.path("results").rglob("figures/*") if p.suffix in (".svg", ".png", ".html")
    ]
    for name in ["headlines.html", *figures]:
        assert name in report, name
    stems = {name.split(".")[0] for name in figures}
    captions = (finished.root / "workflow/report").glob("causal_*.rst")
    made = [path for path in captions if path.stem.removeprefix("causal_") in stems]
    assert len(made) >= 12
    for caption in made:
        words = re.match(r"[A-Za-z ,]+", caption.read_text())[0].strip()
        assert words[:40] in report, f"{caption.name}: {words!r}"


def test_a_report_that_would_be_too_large_leaves_films_out_and_says_so(finished, tmp_path):
    """Every film page of the system, and no other; the ordinary report has them and says nothing."""
    usual, smaller = finished.path("results", "report.html").read_text(), tmp_path / "report.html"
    named = {"EMERGENT_DYNAMICS_LEFT_OUT": "causal/film.html"}
    found = finished.run("--nolock", "--report", smaller, **named)
    assert found.status == 0, found.said
    text, sentence = smaller.read_text(), "It leaves out causal/film.html of every experiment"
    assert sentence in text and sentence not in usual
    assert '"name": "film.html"' in usual and '"name": "film.html"' not in text
    assert '"name": "viewer.html"' in text and len(text) < len(usual)


def test_nothing_is_left_behind(finished):
    """No half-written store, every job's log in its place, and of checkpoints only what takes no space of its own."""
    left = [
        p
        for p in finished.path("results").rglob("*")
        if p.suffix in (".tmp", ".writing", ".publishing", ".partial")
    ]
    assert left == []
    chunks = [p for p in finished.path("results", ".checkpoints").rglob("store.zarr/**/c*/*") if p.is_file()]
    assert chunks and all(p.stat().st_nlink == 2 for p in chunks)
    for experiment in EXPERIMENTS:
        logs = finished.path("logs", "causal", experiment)
        for finding in ("simulate", "groups", "leaders", "centres", "thresholds", "summary"):
            assert (logs / f"{finding}.log").is_file()
    assert {p.name for p in finished.directory.iterdir()} == {".snakemake", "logs", "results"}
    assert not (finished.root / "logs").exists()
