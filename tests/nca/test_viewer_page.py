"""The page of ancestors: its legend of clades, its curves under the slider, and the runs that it computes again."""

import json
import zlib

import numpy as np
import pytest

from emergent_dynamics.nca.colouring import rwsp_positions
from emergent_dynamics.nca.figures import replayed, viewer
from emergent_dynamics.nca.figures.clades import palette
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.plotting import page as pages
from tests import browsers
from tests.nca.worlds import datasets, drive, experiment, parameters

SEEK = """(() => {
  const canvas = document.querySelector(".trace canvas"), box = canvas.getBoundingClientRect();
  const at = { clientX: box.x + box.width * SHARE, clientY: box.y + 30, bubbles: true };
  canvas.dispatchEvent(new PointerEvent("pointerdown", at));
  return document.querySelector("output").textContent;
})()"""


@pytest.mark.browser
@pytest.mark.parametrize("name", browsers.EVERY)
def test_a_click_on_the_curves_goes_there_and_the_legend_names_the_clades(tmp_path, name):
    """Thirteen frames: 0, the middle and 12; twelve named founders at most, all others, and cells without a net."""
    p = parameters(generations=12, inheritance=0.4)
    trajectory = datasets(drive(p), p)
    page = tmp_path / "viewer.html"
    page.write_text(viewer.build(trajectory, 2, rwsp_positions(2, 1)))
    with browsers.browser(name, tmp_path / "profile") as opened:
        opened.open(page)
        assert opened.value(browsers.ENDED)
        assert opened.value("document.body.dataset.ready") == "true" and opened.messages == []
        legend = opened.value('[...document.querySelectorAll(".clades div")].map((line) => line.textContent)')
        assert len(legend) == 14 and legend[-2:] == ["all other founders", "no net"]
        assert all(line.startswith("founder ") for line in legend[:-2])
        label = opened.value('document.querySelector(".trace canvas").getAttribute("aria-label")')
        assert label == "over time: living cells, cells with a net, genomes, clades"
        for share, generation in ((0.999, 12), (0.5, 6), (0.001, 0)):
            assert opened.value(SEEK.replace("SHARE", str(share))) == f"generation {generation}"


# What the page computes again, as changes of an experiment: every activation, both updates, with and without a budget.
COMPUTED = {
    "sigmoid": {"runs": 3},
    "tanh, threshold 0": {"alive_threshold": 0.0, "board_activation": "as_run_tanh", "inheritance": 0.5},
    "no budget, synchronous": {"budget": "inf", "update": "synchronous", "width": 17, "height": 11},
    "three channels": {"channels": 3, "activation": "tanh", "width": 11, "seed": 2**63 + 5},
    "relu, unrounded": {"activation": "relu", "board_activation": "tanh", "alive_rounding": "none"},
    "leaky, certain": {"activation": "leakyrelu", "inheritance": 1.0, "mutation": 1.0},
    "noact": {"activation": "noact", "board_activation": "noact", "generations": 8},
    "a frame in a hundred": {"archive": "checkpoint", "generations": 120},
}


def stored(**changes):
    """A trajectory with the attributes that a published store has, and its parameters."""
    asked = experiment(**changes)
    p = Parameters.from_config(asked)
    trajectory = datasets(drive(p), p)
    frames = trajectory.frames.assign_attrs(engine="cpu", parameters=json.dumps(asked))
    return trajectory._replace(frames=frames), p


def data_of(html):
    texts = html.split('class="data">')[1:]
    return [json.loads(text.split("</script>")[0]) for text in texts]


def test_every_stored_generation_of_every_run_is_on_the_page():
    """Its data are the rule and a CRC-32 per frame, recomputed here; eight runs of 301 generations would be 24 kB."""
    trajectory, p = stored(runs=3)
    html = viewer.build(trajectory, 2, np.array([1, 9, 30]))
    assert "All 26 stored generations of every run." in html
    held = data_of(html)
    assert [run["rule"]["run"] for run in held] == [0, 1, 2]
    for run, found in enumerate(held):
        assert pages.unpack(found["time"]).tolist() == list(range(26))
        for crc, frame in zip(pages.unpack(found["crc32"]).tolist(), range(26), strict=True):
            here = trajectory.frames.isel(run=run, generation=frame)
            assert crc == zlib.crc32(here["gid"].values.tobytes() + here["alpha"].values.tobytes())
        named = pages.unpack(found["named"])
        assert np.array_equal(pages.unpack(found["palette"]), palette(named.tolist(), p.founders))


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "april2024"},
        {"catastrophe": {"every": 3, "probability": 0.2}},
        {"landscape": [{"from": 4, "mutation": 0.5}]},
        {"generations": 5001},
    ],
)
def test_what_the_page_cannot_compute_has_its_frames_on_it(changes):
    """Another rule, catastrophes, a landscape, and runs of more than two million cells times generations."""
    trajectory, _ = stored(generations=3)
    shown = json.dumps(experiment(**changes))
    frames = trajectory.frames.assign_attrs(parameters=shown)
    assert replayed.rule(frames, np.arange(3)) is None
    assert replayed.rule(trajectory.frames, np.arange(3)) is not None
    assert replayed.rule(trajectory.frames.assign_attrs(engine="cuda"), np.arange(3)) is None
    html = viewer.build(trajectory._replace(frames=frames), 2, np.arange(3))
    assert "4 of 4 generations." in html and "index" in data_of(html)[0]


STEP = """(() => {
  const key = (name) => document.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  key("End");
  return document.querySelector("output").textContent;
})()"""
CHOOSE = """(async () => {
  delete document.body.dataset.ready;
  const list = document.querySelector('select[aria-label="run"]');
  list.value = 1;
  list.dispatchEvent(new Event("change"));
  list.value = 2;
  list.dispatchEvent(new Event("change"));
  for (let k = 0; k < 200 && !document.body.dataset.ready; k++) await new Promise((done) => setTimeout(done, 25));
  return document.querySelectorAll("canvas").length;
})()"""


@pytest.mark.browser
@pytest.mark.parametrize("name", browsers.EVERY)
def test_a_browser_computes_every_frame_to_the_bit(tmp_path, name):
    """The page compares each frame with its checksum. Of two runs chosen in a row only the second is drawn."""
    with browsers.browser(name, tmp_path / "profile") as opened:
        for number, changes in enumerate(COMPUTED.values()):
            trajectory, p = stored(**changes)
            page = tmp_path / f"{number}.html"
            page.write_text(viewer.build(trajectory, p.channels, rwsp_positions(p.channels, 1)))
            opened.open(page)
            assert opened.value(browsers.ENDED)
            assert opened.value("document.body.dataset.ready") == "true" and opened.messages == [], changes
            assert opened.value(STEP) == f"generation {p.generations}"
            if p.runs == 3:
                assert opened.value(CHOOSE) == 2  # the map and its curves


@pytest.mark.browser
@pytest.mark.parametrize("name", browsers.EVERY)
def test_a_frame_that_is_not_the_stored_one_is_named(tmp_path, name):
    """One alpha of generation 7 is another: the page says so instead of showing it."""
    trajectory, _ = stored()
    alpha = trajectory.frames["alpha"].copy()
    alpha[0, 7, 3, 3] ^= 1
    html = viewer.build(trajectory._replace(frames=trajectory.frames.assign(alpha=alpha)), 2, np.arange(3))
    page = tmp_path / "viewer.html"
    page.write_text(html)
    with browsers.browser(name, tmp_path / "profile") as opened:
        opened.open(page)
        assert opened.value(browsers.ENDED)
        told = opened.value('document.querySelector("[role=alert]").textContent')
        assert "generation 7, computed again, differs from the stored one" in told
