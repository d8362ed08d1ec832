"""What is found in a trajectory: one module per finding, each with `find` (tables) and `summarise` (headlines).

leaders     the tokens that lead a group at the end, and how many follow each
centres     Rényi and strong Rényi centres of the start as predictors of the leaders
thresholds  the separations at the start that decide who leads
counts      the number of groups against time
capture     the share of tokens that have gathered round a centre of the start
lineage     births and merges of groups
plateaus    long spells with a constant number of groups
lifetime    how long groups last, when only one is left, and how long strong centres stay near their start
order       order parameters against time
limits      the places where tokens end
heads       what each head attends to and puts out, and whether the heads agree, if there are several heads or layers
sweep       the number of groups over the members of a sweep, and its exponent
mask        attention with the mask against attention without it, for members that differ in it
atlas       groups and growth rates against beta, a sweep of its own, no part of `analyse`
"""

import importlib
from collections.abc import Mapping
from pathlib import Path

from emergent_dynamics.findings import Analysis


def analyse(trajectory: str | Path, parameters: Mapping[str, object]) -> Analysis:
    """Every finding of one trajectory store, in the order above; what compares members of a sweep is left out.

    parameters : the complete experiment, as the schema resolves it.
    """
    # Imported by name: with an import statement the code hash of every finding would cover the code of all findings.
    return importlib.import_module("emergent_dynamics.causal.analysis").analyse(trajectory, parameters)
