"""Put aside checkpoints of other code; the log names them, and they are continued only if the user asks for it."""

import os
import shutil
from pathlib import Path

from emergent_dynamics.driver import checkpoint
from emergent_dynamics.driver.identity import Identity

RESUME_VARIABLE = "EMERGENT_DYNAMICS_RESUME"  # if `any`, checkpoints of other code are continued too
STORE = "store.zarr"
PREFIX = "aside-"


def permitted() -> bool:
    """Whether EMERGENT_DYNAMICS_RESUME is `any`, so that checkpoints of other code are continued.

    Raises ValueError for any other value; unset or empty, it permits nothing.
    """
    value = os.environ.get(RESUME_VARIABLE, "")
    if value not in ("", "any"):
        raise ValueError(f"{RESUME_VARIABLE}={value}: only `any` is allowed, or nothing")
    return value == "any"


def put(folder: Path) -> Path:
    """Move the state files and the store of a checkpoint folder into a new folder inside it; returns its path."""
    number = 1 + max((int(path.name.removeprefix(PREFIX)) for path in folder.glob(f"{PREFIX}*")), default=0)
    place = folder / f"{PREFIX}{number}"
    place.mkdir()
    _move(folder, place)
    return place


def take_furthest(folder: Path, identity: Identity) -> None:
    """Make the checkpoint with the latest clock the current one, if it was put aside.

    Only checkpoints with the parameters of `identity` are compared; the current one is put aside in exchange.
    """
    places = {place: _clock(place, identity) for place in (folder, *folder.glob(f"{PREFIX}*"))}
    best = max(places, key=lambda place: places[place])
    if places[best] > places[folder]:
        if checkpoint.states(folder):
            put(folder)
        _move(best, folder)
        best.rmdir()


def discard(folder: Path) -> None:
    """Delete all checkpoints that were put aside."""
    for place in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(place)


def _clock(place: Path, identity: Identity) -> float:
    found = [held for path in checkpoint.states(place) if (held := checkpoint.load(path))]
    return max(
        (p.clock for owner, p in found if owner.parameters == identity.parameters), default=-float("inf")
    )


def _move(source: Path, target: Path) -> None:
    # states first: a state without its store only means that the run starts again
    for path in (*checkpoint.states(source), source / STORE):
        if path.exists():
            path.rename(target / path.name)
