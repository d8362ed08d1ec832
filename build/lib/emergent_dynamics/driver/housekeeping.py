"""Checkpoints of published experiments are only a copy; they go when the whole workflow has succeeded."""

from pathlib import Path

from emergent_dynamics.driver.loop import discard


def discard_published(results: Path | str) -> list[str]:
    """Delete `<results>/.checkpoints/<system>/<experiment>` where `<results>/<system>/<experiment>/trajectory.zarr`
    stands; the names deleted. A folder that somebody writes in stays.
    """
    root = Path(results) / ".checkpoints"
    gone = []
    for store in sorted(root.rglob("store.zarr")):
        folder = store.parent
        name = folder.relative_to(root)
        if (Path(results) / name / "trajectory.zarr" / "zarr.json").is_file() and discard(folder):
            gone.append(name.as_posix())
    return gone
