"""What a finding says: a headline with its interval, the number expected for it, and the one verdict on both.

A room's module of one finding has `find(...) -> {table name: table}` and `summarise(...) -> {name: Headline}`;
this room holds what all of them share and imports no system.
"""

from emergent_dynamics.findings.expectation import Expectation
from emergent_dynamics.findings.files import Analysis, merge_summaries, read_summary, write, write_summary
from emergent_dynamics.findings.headline import Headline
from emergent_dynamics.findings.verdict import Verdict, agrees

__all__ = [
    "Analysis",
    "Expectation",
    "Headline",
    "Verdict",
    "agrees",
    "merge_summaries",
    "read_summary",
    "write",
    "write_summary",
]
