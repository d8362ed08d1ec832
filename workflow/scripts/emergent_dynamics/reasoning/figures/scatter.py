"""An interactive scatter plot of drift and exponent: the reader drags the threshold, and cells, medians and areas
follow.
"""

from importlib import resources

import numpy as np
import pandas as pd

from emergent_dynamics.plotting.page import Quantised, page
from emergent_dynamics.reasoning.figures.palette import CELL, MEANING

MOST_POINTS = 20_000


def draw(examples: pd.DataFrame, scalars: pd.DataFrame, chosen: list[str], unit: str) -> str:
    """Return one HTML page. examples : the table `examples` of `findings.cells`. scalars : the table with their
    thresholds. chosen : names of the tables that are shown.
    """
    shown = examples[examples["table"].isin(chosen)]
    if len(shown) > MOST_POINTS:
        shown = shown.iloc[:: -(-len(shown) // MOST_POINTS)]
    if shown["lambda1"].isna().all():
        none = "<p>No exponents were computed: there is nothing to scatter.</p>"
        return page("Drift, exponent and the four cells", none, {}, "")
    tau = scalars[scalars["statistic"] == "tau"].set_index("table")["value"].to_dict()
    data = {
        "drift": Quantised(shown["log_drift"].to_numpy(float)),
        "lambda1": Quantised(shown["lambda1"].to_numpy(float)),
        "correct": shown["correct"].to_numpy(np.uint8),
        "table": np.array([chosen.index(t) for t in shown["table"]], np.uint8),
        "names": chosen,
        "tau": [float(tau[t]) for t in chosen],
        "unit": unit,
        "colours": CELL,
        "meaning": MEANING,
    }
    caption = (
        "Drag the dashed line, or use the slider: cells, medians and areas are those of the threshold you choose. "
        "The area of drift alone stands beside the exponent's, since both look at the same steps."
    )
    body = (
        '<div class="controls"><select id="which" aria-label="table"></select>'
        '<label for="tau">threshold</label><input id="tau" type="range" aria-label="threshold, log10 drift">'
        '<output id="value"></output><button id="fitted">fitted threshold</button></div>'
        '<div class="row"><div class="stage"><canvas id="scatter" role="img" '
        'aria-label="scatter of late drift and leading exponent"></canvas></div>'
        '<div class="side" id="cells" style="width: 330px"></div></div>'
    )
    script = resources.files(__package__).joinpath("scatter.js").read_text(encoding="utf-8")
    return page("Drift, exponent and the four cells", body, data, script, caption)
