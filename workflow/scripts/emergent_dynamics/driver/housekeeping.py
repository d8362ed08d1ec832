"""What stays of checkpoints when the whole workflow has succeeded: what a longer horizon goes on from, at no cost."""

from pathlib import Path

from emergent_dynamics.driver import aside
from emergent_dynamics.driver.loop import discard


def tidy_published(results: Path | str) -> list[str]:
    """Delete what no run will need of `<results>/.checkpoints/<system>/<experiment>`; the names deleted whole.

    Only experiments whose `<results>/<system>/<experiment>/trajectory.zarr` stands are looked at. What was put aside
    goes; the checkpoint stays where its chunks are hard links to those of the published store, and so take no space of
    their own. A folder that somebody writes in stays.
    """
    root = Path(results) / ".checkpoints"
    gone = []
    for store in sorted(root.rglob("store.zarr")):
        folder = store.parent
        name = folder.relative_to(root)
        if not (Path(results) / name / "trajectory.zarr" / "zarr.json").is_file():
            continue
        aside.discard(folder)
        if not _shares(store) and discard(folder):
            gone.append(name.as_posix())
    return gone


def _shares(store: Path) -> bool:
    """Whether the chunks of a store are also those of another."""
    chunks = [path for path in store.rglob("*") if path.is_file() and path.name != "zarr.json"]
    return all(path.stat().st_nlink > 1 for path in chunks)
