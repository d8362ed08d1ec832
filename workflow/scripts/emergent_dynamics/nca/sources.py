"""Where a run comes from: nowhere (it is simulated), pickles of the original study, or a user's arrays."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emergent_dynamics.nca import ingest, recording

Converter = Callable[[Path, Mapping[str, Any], Mapping[str, Any]], None]


def converter(experiment: Mapping[str, Any]) -> Converter | None:
    """Return the function (store, experiment, attributes) that writes the files of an experiment as a store; None
    where it is simulated.
    """
    if experiment["recording"]:
        return recording.ingest
    return ingest.ingest if experiment["pickles"] else None
