"""A report that would be too large leaves out films, then pages, each kind in all experiments."""

import pytest

from emergent_dynamics.plotting import report

SIZES = {
    "film.html": 300,
    "film.mp4": 1,
    "other.html": 100,
    "other.mp4": 1,
    "viewer.html": 500,
    "order.svg": 50,
}


@pytest.fixture
def results(tmp_path):
    """Two experiments of a system and the page of headlines; what the report shows of them, 2,000 bytes."""
    files = {f"toy/{name}/figures/{file}": size for name in "ab" for file, size in SIZES.items()}
    for name, size in (files | {"headlines.html": 100}).items():
        path = tmp_path / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    return [path for path in (tmp_path / "results").rglob("*.*") if path.suffix in (".html", ".svg")]


@pytest.mark.parametrize(
    ("largest", "without"),
    [
        (2000, []),
        (1999, ["toy/film.html"]),
        (1400, ["toy/film.html"]),
        (1399, ["toy/film.html", "toy/other.html"]),
        (1199, ["toy/film.html", "toy/other.html", "toy/viewer.html"]),
        (0, ["toy/film.html", "toy/other.html", "toy/viewer.html"]),
    ],
)
def test_films_go_first_and_the_largest_of_them(results, largest, without):
    """600 bytes of films, 200 of smaller ones, 1,000 of viewers; figures and headlines, 200 bytes, always stay."""
    assert report.left_out(results, largest) == without


def test_a_file_that_is_an_input_twice_is_counted_once(results):
    assert report.left_out([*results, *results], 2000) == []


def test_an_ordinary_run_leaves_nothing_out(monkeypatch):
    monkeypatch.delenv(report.VARIABLE, raising=False)
    assert report.named() == []
    monkeypatch.setenv(report.VARIABLE, "toy/film.html toy/viewer.html")
    assert report.named() == ["toy/film.html", "toy/viewer.html"]
