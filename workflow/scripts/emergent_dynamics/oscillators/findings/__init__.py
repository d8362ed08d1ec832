"""What is found in a trajectory: one module per finding, each with `find` (tables) and `summarise` (headlines).

order       synchrony of the field, its channels and windows, against time
energy      the energy, and whether it ever rises
defects     vortices, and whether their charge is that of the boundary
ring        whether a ring splits into a coherent and an incoherent part
spikes      which units turn faster than the threshold, and when
locking     how constant phase differences stay
projection  pixels in the plane of one basis
lyapunov    growth rates of small disturbances, if enabled
training    how much the field improves the classification of images
atlas       order and growth rates against the coupling, a sweep of its own, no part of `analyse`
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics.findings import Analysis


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Analysis:
    """Every finding of one trajectory store, in the order above; training where it is enabled.

    parameters : the complete experiment, as the schema resolves it.
    """
    # Imported by name: with an import statement the code hash of every finding would cover the code of all findings.
    return importlib.import_module("emergent_dynamics.oscillators.analysis").analyse(trajectory, parameters)
