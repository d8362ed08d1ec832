"""What is found in a trajectory: one module per finding, each with `find` (tables) and `summarise` (headlines).

Of one trajectory: cells, controls and evolution; validation where a network was trained, compatibility where the
original study's files are asked for, precision of official checkpoints; attractors and positions where they are asked
for. Of a sweep's members: seeds.
`atlas` sweeps the capture map's radius on its own and is no part of `analyse`.
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Any:
    """Every finding of one trajectory store, in order: `findings.Analysis`; parameters : the complete experiment."""
    # Imported by name: with an import statement the code hash of every finding would cover the code of all findings.
    return importlib.import_module("emergent_dynamics.reasoning.analysis").analyse(trajectory, parameters)
