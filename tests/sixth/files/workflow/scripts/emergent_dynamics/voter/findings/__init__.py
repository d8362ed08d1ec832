"""What is found in a trajectory.

consensus  the share of an opinion and the disagreement that is left, against time
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics import store
from emergent_dynamics.findings import Analysis


def analyse(trajectory: str | Path, parameters: Mapping[str, Any]) -> Analysis:
    """Every finding of one trajectory store; parameters : the complete experiment."""
    from emergent_dynamics.voter.findings import consensus

    frames = store.open_complete(trajectory)
    return Analysis(consensus.find(frames), consensus.summarise(frames, parameters))
