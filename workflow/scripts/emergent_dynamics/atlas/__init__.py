"""One lens over several systems: order, the growth of a little order, and the growth of a small disturbance.

Each system that has a module `findings.atlas` measures the same quantities against one control parameter of its own;
this room says what such a table is, estimates what all of them need, and joins them. It imports no system. What the
lens does not say: controls, clocks and sizes of disturbances differ, so no two systems are compared by a number.
"""

from emergent_dynamics.atlas.contract import COLUMNS, QUANTITIES, Panel, Row, check, tabulate
from emergent_dynamics.atlas.join import join

__all__ = ["COLUMNS", "QUANTITIES", "Panel", "Row", "check", "join", "tabulate"]
