"""The scatter's threshold, dragged in a real browser: the cells follow."""

import re

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.reasoning.figures import scatter
from tests.plotting.test_browser import opened, window  # noqa: F401  fixtures

pytestmark = pytest.mark.browser
DRAG = """
(() => {
  const plot = document.getElementById("scatter"), box = plot.getBoundingClientRect();
  plot.setPointerCapture = () => {};
  const at = { buttons: 1, clientX: box.left + SHARE * box.width, clientY: box.top + 9 };
  for (const type of ["pointerdown", "pointermove"]) plot.dispatchEvent(new PointerEvent(type, at));
})()
"""


def counted(document):
    """n of the four cells and the threshold that the page shows."""
    counts = [int(n) for n in re.findall(r"· n = (\d+)", document)]
    shown = re.search(r'<output id="value"[^>]*>([^<]+)<', document)[1]
    return counts, float(shown.replace("−", "-"))


@pytest.fixture(scope="module")
def examples():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "table": "step_800",
            "log_drift": rng.uniform(-4, 1, 300),
            "lambda1": rng.standard_normal(300),
            "correct": rng.integers(0, 2, 300),
        }
    )


def cells(examples, tau):
    settled, right = examples["log_drift"] < tau, examples["correct"] == 1
    return [int(np.sum(a & b)) for a in (settled, ~settled) for b in (right, ~right)]


@pytest.mark.parametrize("share", [None, 0.3, 0.8])
def test_the_cells_are_those_of_the_dragged_threshold(examples, share, opened, window):  # noqa: F811
    """None: the fitted threshold. The page rounds to three digits, drifts to 16 bits: one example of tolerance."""
    scalars = pd.DataFrame([{"table": "step_800", "statistic": "tau", "value": -1.5}])
    text = scatter.draw(examples, scalars, ["step_800"], "nat per ACT step")
    opened(text)
    if share is not None:
        window.value(DRAG.replace("SHARE", str(share)))
    counts, tau = counted(window.value("document.documentElement.outerHTML"))
    assert (abs(tau + 1.5) < 0.01) == (share is None)
    assert sum(counts) == 300
    assert np.abs(np.array(counts) - cells(examples, tau)).max() <= 2
