"""The form of every finding: headlines with intervals, the values expected for them, and the verdict on both.

The module of a finding has `find(...) -> {table name: table}` and `summarise(...) -> {name: Headline}`. This package
has what all findings share, and imports no system.
"""

from emergent_dynamics.findings.expectation import Expectation
from emergent_dynamics.findings.files import (
    Analysis,
    merge_summaries,
    read_rows,
    read_summary,
    write,
    write_summary,
    write_table,
)
from emergent_dynamics.findings.headline import Headline
from emergent_dynamics.findings.verdict import Verdict, agrees

__all__ = [
    "Analysis",
    "Expectation",
    "Headline",
    "Verdict",
    "agrees",
    "merge_summaries",
    "read_rows",
    "read_summary",
    "write",
    "write_summary",
    "write_table",
]
