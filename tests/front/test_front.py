"""The front page: every system with its answer, every number with its verdict, and nothing that a browser refuses."""

import json
import re
import tracemalloc
import zlib
from base64 import b64decode
from dataclasses import replace
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import image

from emergent_dynamics.config.schema import read_schemas
from emergent_dynamics.findings import Expectation, Headline, read_summary, write_summary
from emergent_dynamics.findings.table import tabulate
from emergent_dynamics.front import assemble, build, gather
from emergent_dynamics.front.declaration import Answer, front_of, number, percent
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.reasoning import theory
from emergent_dynamics.reasoning.front import FRONT
from tests import browsers
from tests.front import looking
from tests.workflow.project import CHECKOUT

HALF = Expectation(0.5, "a fair coin", "exact")
ROWS = {
    "wrong": Headline(0.61, (0.59, 0.63), 100, "share", "Share of heads", HALF, 1, standard_error=0.01),
    "close": Headline(0.535, (0.515, 0.555), 100, "share", "Share of tails", HALF, standard_error=0.01),
    "right": Headline(0.51, (0.49, 0.53), 100, "share", "Share of edges", HALF, standard_error=0.01),
    "weak": Headline(0.6, (0.4, 0.8), 100, "share", "Share of <b>", HALF, standard_error=0.1),
    "alone": Headline(2.0, (1.0, 3.0), 9, "nat", "Alone", rank=2),
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#0072b2"/></svg>'
PAGE = "<!doctype html><title>p</title><body><button id='b'>inside</button></body>"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of one system that no room knows: a picture with a table, a page, and one experiment's numbers."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "toy" / "walk"
    (folder / "figures").mkdir(parents=True)
    (folder / "analysis").mkdir()
    (folder / "figures" / "paths.svg").write_text(SVG)
    (folder / "figures" / "viewer.html").write_text(PAGE)
    (folder / "analysis" / "paths.csv").write_text("x\n1\n")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text('{"rule": "a"}\n{"mem_mb": 500, "peak_mb": 90, "cpu_s": 2.5}\n')
    (tmp_path / "logs" / "b.log").write_text("Traceback\n")
    write_summary(folder / "summary.json", ROWS)
    (tmp_path / "mine.yaml").write_text("experiments: {}\n")
    params = SimpleNamespace(
        titles={"toy": "Toy walkers"},
        experiments={"toy": {"walk": {"seed": 7}}},
        labels={"toy/paths": "GHC, where they went"},
        configfiles=["mine.yaml"],
        rings={},
        controls={},
    )
    paths = [f"results/toy/walk/{p}" for p in ("summary.json", "figures/paths.svg", "figures/viewer.html")]
    return assemble.Run(params, paths, CHECKOUT)


@pytest.fixture
def rows(run):
    return tabulate({"results/toy/walk/summary.json": read_summary("results/toy/walk/summary.json")})


@pytest.fixture
def page(run, rows):
    return build.page(assemble.systems(run, rows), rows, assemble.head(run, rows))


def test_a_system_without_a_declaration_has_a_card_with_its_first_headline(page):
    """A sixth system appears by itself: its title, its first-ranked number with interval and verdict."""
    assert "What comes out of Toy walkers?" in page
    assert "Share of heads: 0.610 [0.590, 0.630]." in page
    assert '<span class="badge bad">exact: 0.500, disagrees</span>' in page


@pytest.mark.parametrize("system", sorted(read_schemas()[1]))
def test_every_system_says_what_its_question_is_and_answers_also_without_numbers(system):
    front = front_of(system, "x")
    assert front.question.endswith("?")
    assert (
        front.picture
        or not (CHECKOUT / "workflow" / "scripts" / "emergent_dynamics" / system / "front.py").is_file()
    ), "a front names its picture"
    assert front.answer({}).text.endswith(".")


def test_the_head_says_where_the_run_comes_from(run, rows):
    """Version, commit, configuration with digest, seed, jobs and CPU seconds of the logs that ended well."""
    facts = assemble.head(run, rows)["facts"]
    assert any(re.fullmatch(r"mine\.yaml \([0-9a-f]{12}\)", fact) for fact in facts)
    assert "seed 7" in facts and "1 jobs, 2 CPU s" in facts


def test_comparisons_are_counted_by_kind_and_verdict_and_lead_to_their_rows(rows, page):
    assert build.counts(build.rows(rows)) == {"exact": {"disagrees": 1, "agrees": 2, "weak": 1}}
    told = (
        '<b>exact</b> <a href="#numbers" data-set-kind="exact" data-set-outcome="disagrees">1 disagree</a>, '
    )
    assert told in page and ">2 agree</a>, " in page and ">1 weak</a>." in page


def test_the_section_of_a_system_shows_its_ranked_numbers_in_their_order(rows, page):
    assert [row["headline"] for row in build.ranked(build.rows(rows), "toy", "walk")] == ["wrong", "alone"]
    table = page.partition('<table class="ranked">')[2].partition("</table>")[0]
    assert table.index("Share of heads") < table.index("Alone") and "Share of tails" not in table
    assert 'aria-label="11.0 standard errors"' in table


def test_checks_of_estimators_come_last_under_their_own_heading(run, rows):
    listed = build.rows(rows, {"toy": ["w*"]})
    assert [row["headline"] for row in listed] == ["close", "right", "alone", "wrong", "weak"]
    (toy,) = assemble.systems(run, rows)
    checked = replace(toy, front=replace(toy.front, checks=("w*",)))
    page = build.page([checked], rows, assemble.head(run, rows))
    own = page.partition("Checks of estimators, on systems whose numbers are known")[2].partition("</tbody>")[
        0
    ]
    assert own.count("<tr data-system") == 2 and "Share of heads" in own and "Share of edges" not in own


def test_the_numbers_that_validate_exponents_are_checks_of_estimators():
    names = set(theory.VALIDATION)
    assert {name for name in names if any(fnmatchcase(name, p) for p in FRONT.checks)} == names


def test_the_foot_lists_the_digest_of_every_trajectory(run, rows):
    """The digest of the metadata, which hold the digests of the data; a checkpoint has none in the list."""
    for place, digest in (("walk", "abc"), (".checkpoints", "no")):
        store = run_folder() / place / "trajectory.zarr"
        store.mkdir(parents=True, exist_ok=True)
        (store / "zarr.json").write_text(json.dumps({"attributes": {"metadata_sha256": digest}}))
    page = build.page(assemble.systems(run, rows), rows, assemble.head(run, rows))
    assert "<li>results/toy/walk/trajectory.zarr <code>abc</code></li>" in page and "<code>no<" not in page
    assert "emergent_dynamics.store verify results" in page


def run_folder():
    return Path("results") / "toy"


def test_numbers_are_listed_with_the_closest_to_failing_first(rows):
    assert [row["headline"] for row in build.rows(rows)] == ["wrong", "close", "right", "weak", "alone"]
    wrong, close, *_ = build.rows(rows)
    assert wrong["position"] == 100 and close["position"] == pytest.approx(50 + 50 * 3.5 / 8)
    assert (close["shown"], close["interval"], close["expected"]) == ("0.535", "[0.515, 0.555]", "0.500")


def test_a_figure_has_its_label_caption_data_and_content(run, rows):
    figure, viewer = assemble.systems(run, rows)[0].experiments[0].figures
    assert (figure.kind, figure.label, figure.data) == (
        "picture", "GHC, where they went", "results/toy/walk/analysis/paths.csv"
    )  # fmt: skip
    assert zlib.decompress(b64decode(gather.embedded(figure).content)).decode() == SVG
    assert viewer.kind == "page" and viewer.data == ""


def test_a_label_keeps_its_capital_letters(page):
    assert "<b>GHC, where they went.</b>" in page and "<b>Viewer.</b>" in page


@pytest.mark.parametrize(
    "path", sorted((CHECKOUT / "workflow" / "report").glob("*_*.rst")), ids=lambda p: p.stem
)
def test_a_caption_is_plain_text_on_the_page(path):
    """Emphasis, literals and escaped signs of a caption are for the report alone."""
    system, _, stem = path.stem.partition("_")
    text = gather._caption(path.parent, system, Path("results", system, "x", "figures", f"{stem}.svg"))
    assert text and re.findall(r"[`\\*{}]", text) == []


def test_what_does_not_fit_into_the_page_is_a_link(run, rows):
    """The figure that stands for the system keeps its content, whatever the budget leaves of the others."""
    systems = assemble.systems(run, rows)
    first = len(gather.embedded(systems[0].picture).content)
    thin = build.within(systems, first)
    assert [bool(figure.content) for figure in thin[0].experiments[0].figures] == [True, False]
    rest = first - 1 + len(gather.embedded(systems[0].experiments[0].figures[1]).content)
    assert [bool(figure.content) for figure in build.within(systems, rest)[0].experiments[0].figures] == [
        True,
        False,
    ]


def test_a_page_has_at_most_its_largest_size_and_the_job_holds_no_figure_that_does_not_fit(
    run, rows, monkeypatch
):
    """Forty pages of 1 MB, of which three fit."""
    monkeypatch.setattr(build, "LARGEST", 6e6)
    for index in range(40):
        path = Path(f"results/toy/walk/figures/page{index:02}.html")
        path.write_bytes(np.random.default_rng(index).bytes(1_000_000))
        run.paths.append(path.as_posix())
    head = assemble.head(run, rows)
    tracemalloc.start()
    page = build.page(assemble.systems(run, rows), rows, head)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 4e6 < len(page.encode()) < 6e6 and peak < 35e6
    assert page.count('data-content="results/toy/walk/figures/page') == 3
    assert '<a class="enter" href="toy/walk/figures/page39.html">' in page


def test_a_sweep_stands_before_its_members_and_the_card_shows_a_member():
    names = ["scan/b=1", "scan/b=2", "alone", "scan"]
    experiments = [build.Experiment(name, "", Answer(""), [], []) for name in names]
    system = build.System("toy", "Toy", "", front_of("toy", "Toy"), experiments)
    assert [one.name for one in system.sections] == ["scan", "scan/b=1", "scan/b=2", "alone"]
    assert system.experiments[0].name == "scan/b=1"


def test_text_from_files_is_escaped_and_nothing_is_fetched(page):
    assert "Share of &lt;b&gt;" in page and "Share of <b>" not in page
    assert not re.search(r"(src|href)=\"https?:", page) and "default-src 'none'" in page


def test_numbers_are_written_for_readers():
    record = {"value": 0.893, "ci": (0.864, 0.922), "unit": "share"}
    assert number(record) == "0.893 [0.864, 0.922]" and percent(record) == "89 % [86, 92]"
    assert number(None) == percent({"value": None}) == "not known"
    assert percent({"value": 1.0, "ci": [0.99908, 1.0]}) == "100.000 % [99.908, 100.000]"
    assert percent({"value": 1.0, "ci": [1.0, 1.0]}) == "100 % [100, 100]"
    assert percent({"value": 0.25, "ci": None}) == "25 %"


def test_a_page_around_a_film_is_shown_as_the_film(run, tmp_path):
    """With the middle one of its frames as a still picture."""
    frames = [np.full((36, 64, 3), level, np.uint8) for level in (0, 0, 200, 200, 0, 0)]
    write_film(frames, tmp_path / "results/toy/walk/figures/viewer.mp4", fps=2)
    figures = gather.figures_of(run.paths, "results/toy/walk", CHECKOUT / "workflow" / "report", {})
    assert [(figure.kind, figure.path[-10:]) for figure in figures][1] == ("film", "viewer.mp4")
    still = image.imread(BytesIO(b64decode(gather.embedded(figures[1]).poster)), format="jpeg")
    assert still.shape == (360, 640, 3) and abs(still.mean() - 200) < 8
    assert gather.embedded(figures[1], 100) == figures[1]  # more than 100 bytes: it is not read


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", browsers.EVERY)
def test_a_browser_runs_the_page_to_its_end_without_a_message(page, tmp_path, name, width):
    """Pictures have come into view, rows are counted, and no text is wider than the window."""
    (tmp_path / "index.html").write_text(page)
    with browsers.browser(name, tmp_path / "profile") as opened:
        opened.open(tmp_path / "index.html", width)
        assert opened.value("document.documentElement.dataset.ready") == "true"
        assert opened.value(looking.SEEN) and opened.messages == []
        assert opened.value("document.querySelector('img').alt")
        assert opened.value("document.querySelector('.filters output').textContent") == "5 of 5 numbers"
        assert not opened.value("document.documentElement.scrollWidth > innerWidth")
