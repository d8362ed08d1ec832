"""Pages: whole without a network, their arrays the ones that went in."""

import json
import re
import shutil
import subprocess
from importlib import resources

import numpy as np
import pytest

from emergent_dynamics.plotting import page, viewers

RNG = np.random.default_rng(7)
ARRAYS = {
    "codes": RNG.integers(0, 256, (5, 4, 3)).astype(np.uint8),
    "slow": np.cumsum(RNG.integers(0, 3, (40, 50)), axis=0).astype(np.uint16),
    "signed": RNG.integers(-(2**31), 2**31, 17),
    "falling": -np.cumsum(np.ones((9, 2), np.int16), axis=0, dtype=np.int16),
    "wide": np.cumsum(RNG.integers(-9, 9, (300, 2, 2)), axis=0) * 2**22,
    "column": np.arange(9, dtype=np.uint8)[:, None] * 40,
    "flags": RNG.random(33) < 0.5,
    "single": RNG.normal(size=(3, 5)).astype(np.float32),
    "double": np.array([0.1, -1e300, 1e-300, np.nan, np.inf]),
    "empty": np.zeros((0, 3)),
}
NODE = shutil.which("node")


@pytest.mark.parametrize("name", ARRAYS)
def test_unpack_undoes_pack(name):
    entry = json.loads(json.dumps(page.pack(ARRAYS[name])))
    np.testing.assert_array_equal(page.unpack(entry), ARRAYS[name])


@pytest.mark.parametrize("bits", [8, 16])
def test_quantised_values_are_off_by_at_most_half_a_step(bits):
    """Half a step plus the rounding to float32; NaN stays NaN."""
    values = RNG.normal(size=(20, 30))
    values[3, 4] = np.nan
    back = page.unpack(page.pack(page.Quantised(values, bits)))
    step = (np.nanmax(values) - np.nanmin(values)) / (2**bits - 2)
    assert np.isnan(back[3, 4]) and np.isnan(back).sum() == 1
    assert np.nanmax(np.abs(back - values)) <= step / 2 + 1e-6


@pytest.mark.skipif(NODE is None, reason="the browser's decoder is run in node, which is not installed")
def test_the_page_s_own_decoder_gives_the_same_arrays(tmp_path):
    """page.js, run by node, against the Python inverse, element by element."""
    given = ARRAYS | {"real": page.Quantised(RNG.normal(size=(6, 7, 2)))}
    entries = {name: page.pack(array) for name, array in given.items()}
    (tmp_path / "page.js").write_text(page.source("page.js"))
    (tmp_path / "entries.json").write_text(json.dumps(entries))
    program = """
        const page = require("./page.js"), entries = require("./entries.json");
        (async () => {
          const out = {};
          for (const [name, entry] of Object.entries(entries)) {
            const { shape, data } = await page.decode(entry);
            out[name] = { shape, data: Array.from(data, (x) => (Number.isFinite(x) ? x : String(x))) };
          }
          console.log(JSON.stringify(out));
        })();
    """
    ran = subprocess.run([NODE, "-e", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    for name, back in json.loads(ran.stdout).items():
        expected = page.unpack(entries[name])
        decoded = np.array([float(x) for x in back["data"]]).reshape(back["shape"])
        np.testing.assert_allclose(decoded, expected.astype(float), rtol=2e-7)


def test_a_page_names_no_address_and_forbids_every_request(example_pages, tmp_path):
    for name, text in example_pages(tmp_path).items():
        assert not re.search(r"https?://|//[a-z]+\.|<link|@import| src=\"(?!data:)", text), name
        assert "default-src 'none'" in text


def test_equal_data_give_equal_pages(example_pages, tmp_path):
    assert example_pages(tmp_path) == example_pages(tmp_path)


def test_a_page_of_runs_holds_as_many_as_fit_and_says_so(monkeypatch):
    """Runs are made one at a time, so that those which do not fit are not even made."""
    made = []

    def runs():
        for run in range(5):
            made.append(run)
            yield {"x": np.full(3, run, np.uint8)}

    whole = page.page_of_runs("t", runs(), 5, "", "All of them.")
    assert whole.count('class="data"') == 5 and '<p class="caption">All of them.</p>' in whole
    size = len(page.encode({"x": np.zeros(3, np.uint8)}))
    monkeypatch.setattr(page, "LARGEST", 2 * size + 5)
    made.clear()
    some = page.page_of_runs("t", runs(), 5, "", "All of them.")
    assert some.count('class="data"') == 2 and made == [0, 1, 2]
    assert "All of them. 2 of 5 runs: more do not fit into a page." in some
    monkeypatch.setattr(page, "LARGEST", 1)
    assert page.page_of_runs("t", runs(), 5, "").count('class="data"') == 1


def test_a_page_that_a_report_cannot_show_is_one_line(tmp_path):
    """1.57 MB in base64 are the 2 MiB of Chromium; figures of other kinds are no pages."""
    for name, size in (("good.html", 1_572_000), ("large.html", 1_573_000), ("large.png", 3_000_000)):
        (tmp_path / name).write_bytes(b" " * size)
    (line,) = page.refused(sorted(tmp_path.iterdir()))
    assert line == (
        f"{tmp_path}/large.html: 1.6 MB, of which Chromium shows nothing in a report (at most 1.6 MB)"
    )


def test_the_frames_that_a_page_has_room_for_are_shared_by_its_runs(monkeypatch):
    data = {"x": np.zeros((10, 4), np.uint8)}
    monkeypatch.setattr(page, "LARGEST", 20 * len(page.encode(data)))
    assert page.room(data, 10, 4) == 45 and page.room(data, 10, 10**6) == 2


def test_text_from_data_cannot_become_markup(example_pages, tmp_path):
    """A name that closes the script element stays a name."""
    pages = example_pages(tmp_path)
    assert "</script><b>" not in pages["numbers"]
    assert pages["numbers"].count("</script>") == 2
    assert "&lt;caption&gt; &amp; more" in pages["fields"]


def test_the_runtime_is_small():
    """16 kB for what every page shares, 6 kB for each viewer."""
    folder = resources.files("emergent_dynamics.plotting")
    sizes = {
        name: len(folder.joinpath(name).read_bytes())
        for name in ("page.js", "page.css", "table.js", "cells.js", "images.js", "points.js")
    }
    assert sizes["page.js"] + sizes["page.css"] < 16_000
    assert max(sizes[name] for name in ("table.js", "cells.js", "images.js", "points.js")) < 6_000


def test_slow_maps_are_small():
    """A phase map that turns slowly: differences in time shrink it tenfold (specified: 50 kB for 512 frames)."""
    turn = np.linspace(0, 4, 512)[:, None, None]
    phase = np.broadcast_to((turn * 255 / 6.3).astype(np.uint8), (512, 28, 28)) + RNG.integers(
        0, 9, (28, 28)
    ).astype(np.uint8)
    entry = page.pack(phase)
    assert entry["delta"]
    assert len(str(entry["packed"])) < 0.1 * phase.size


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: page.pack(np.array([2**40])),
            "integers from 1099511627776 to 1099511627776: a page holds at most 32 bits",
        ),
        (
            lambda: page.pack(np.array(["a"])),
            "an array of <U1 cannot go into a page; must be bool, integer or float",
        ),
        (
            lambda: viewers.points_page(np.zeros((3, 4)), "t"),
            "positions have shape (3, 4): a plane needs (frame, point, 2)",
        ),
        (
            lambda: viewers.points_page(np.zeros((3, 4)), "t", space="torus"),
            "space = 'torus': must be plane, circle or sphere",
        ),
        (
            lambda: viewers.points_page(np.zeros((3, 4, 2)), "t", time=np.zeros(2)),
            "time has 2 values; must be 3, one per frame",
        ),
    ],
)
def test_impossible_data_are_refused_in_one_line(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message


def test_a_film_that_a_report_cannot_show_is_named(tmp_path):
    """Chromium refuses `data:` frames above 2 MiB: the page says where the film is instead of staying blank."""
    film = tmp_path / "long.mp4"
    film.write_bytes(b"0" * 1_100_001)
    page = viewers.film_page(film, "Long")
    assert f"The film of 1.1 MB is too large for a report: it is {film}." in page and len(page) < 100_000
    film.write_bytes(b"0" * 1_100_000)
    assert "<video" in viewers.film_page(film, "Long")
