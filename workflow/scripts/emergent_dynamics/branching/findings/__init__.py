"""The findings of a trajectory: one module per finding, each with `find` (tables) and `summarise` (headlines).

avalanches, raster, mean_field; information, guessing; ratio, ratio_process; response; graph, graph_avalanches; and
scaling, if numbers of nodes are listed. For a user's recording: recorded_avalanches, recorded_ratio, surrogates;
renormalisation, if its units are known; and recorded_information, if it has stimuli.
`atlas` runs a sweep of its own over sigma and is not part of `analyse`.
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
