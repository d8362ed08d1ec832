"""Delete checkpoints after the whole workflow has succeeded, except those that take no space of their own."""

from pathlib import Path

from emergent_dynamics.driver import aside
from emergent_dynamics.driver.loop import discard


def tidy_published(results: Path | str) -> list[str]:
    """Delete checkpoints in `<results>/.checkpoints/<system>/<experiment>`; returns the names of the deleted folders.

    Only experiments with a published `<results>/<system>/<experiment>/trajectory.zarr` are considered. Checkpoints that
    were put aside are deleted. The checkpoint itself is kept if its chunks are hard links to those of the published
    store and so take no space of their own: a run with a longer horizon continues from it. A folder in which another
    process writes is kept too.
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
    """Whether all chunks of a store are hard links shared with another store."""
    chunks = [path for path in store.rglob("*") if path.is_file() and path.name != "zarr.json"]
    return all(path.stat().st_nlink > 1 for path in chunks)
