"""What the figures of this room share: colours and names of the cells, the rows of a table, the legend's place."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from emergent_dynamics.plotting.colours import CATEGORIES, COLOURS

Tables = Mapping[str, pd.DataFrame]
RIGHT, WRONG = COLOURS["data"], COLOURS["highlight"]
CELL = {"A": CATEGORIES[0], "B": CATEGORIES[1], "C": CATEGORIES[5], "D": CATEGORIES[4]}
MEANING = {"A": "settled, right", "B": "settled, wrong", "C": "moving, right", "D": "moving, wrong"}
MOST_TABLES = 4  # largest number of rows of a figure; further tables are in the CSV


def name_of(table: str) -> str:
    """What a table of diagnostics is called in a title.

    >>> name_of("step_220"), name_of("run_0")
    ('Step 220', 'Run 0')
    """
    return table.replace("_", " ").capitalize()


def legend_below(axis: Axes) -> None:
    """Draw the legend below the axis, where it covers no data."""
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2)


def rows_of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of one table of diagnostics."""
    return frame[frame["table"] == name]
