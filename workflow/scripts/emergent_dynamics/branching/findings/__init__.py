"""What is found in a trajectory: one module per finding, each with `find` (tables) and `summarise` (headlines).

avalanches, raster, mean_field; information, guessing; ratio, ratio_process; response; graph, graph_avalanches, and
where sizes are listed scaling. Of a recording that a user brings: recorded_avalanches, recorded_ratio, surrogates,
where its units are known renormalisation, and where it has stimuli recorded_information.
`atlas` sweeps sigma on its own and is no part of `analyse`.
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Any:
    """Return every finding of one trajectory store, in order, as a `findings.Analysis`; parameters : the complete
    experiment.
    """
    # Imported by name: with an import statement the code hash of every finding would cover the code of all findings.
    return importlib.import_module("emergent_dynamics.branching.analysis").analyse(trajectory, parameters)
