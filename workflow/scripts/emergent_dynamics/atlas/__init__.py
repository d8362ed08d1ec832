"""The atlas compares systems: order, the growth of a little order, and the growth of a small disturbance.

Each system that has a module `findings.atlas` measures the same quantities against one control parameter of its own;
this package defines the form of such a table, has estimators that several systems use, and joins the tables. It imports
no system. Controls, clocks and sizes of disturbances differ, so the numbers of two systems must not be compared.
"""

from emergent_dynamics.atlas.contract import COLUMNS, QUANTITIES, Panel, Row, check, tabulate
from emergent_dynamics.atlas.join import join

__all__ = ["COLUMNS", "QUANTITIES", "Panel", "Row", "check", "join", "tabulate"]
