"""The page of ancestors in a real browser: its legend of clades, and its curves under the slider."""

import pytest

from emergent_dynamics.nca.colouring import rwsp_positions
from emergent_dynamics.nca.figures import viewer
from tests import browsers
from tests.nca.worlds import datasets, drive, parameters

pytestmark = pytest.mark.browser
SEEK = """(() => {
  const canvas = document.querySelector(".trace canvas"), box = canvas.getBoundingClientRect();
  const at = { clientX: box.x + box.width * SHARE, clientY: box.y + 30, bubbles: true };
  canvas.dispatchEvent(new PointerEvent("pointerdown", at));
  return document.querySelector("output").textContent;
})()"""


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
