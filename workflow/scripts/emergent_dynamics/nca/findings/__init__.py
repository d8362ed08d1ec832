"""What is found in a world: one module per finding, each with `find` (tables) and `summarise` (headlines).

pd           phenotypic diversity of every generation: CTFP, GEP, GCVP, CLOGV
gd           genetic diversity of every generation: RWSP, GHC, exact genomes, Hill numbers; the share alive
lineage      the phylogeny of the living, clades of founders, species, and what holds in every world
activity     evolutionary activity and selection beside a neutral shadow
sensitivity  what the loss of one founder changes
clusters     clusters of the weights
regions      births, energy, genomes and clades by region of a landscape in space
atlas        share alive, onset and spread of damage against inheritance; a sweep of its own, no part of `analyse`
"""

import importlib
from collections.abc import Mapping
from pathlib import Path

from emergent_dynamics.findings import Analysis


def analyse(trajectory: str | Path, parameters: Mapping[str, object]) -> Analysis:
    """Every finding of one trajectory store, in the order above.

    parameters : the complete experiment, as the schema resolves it.
    """
    # Imported by name: with an import statement the code hash of every finding would cover the code of all findings.
    return importlib.import_module("emergent_dynamics.nca.analysis").analyse(trajectory, parameters)
