"""The default figures of a digit against the original study's three plotly pages, CPU time and bytes, one core.

    python performance/oscillators_figures.py --plotly PYTHON    # an interpreter that has plotly and scikit-learn

Both draw the same 512 steps of 28 x 28 x 4 units. The baseline is our own writing of what the study's cells do: a PCA
of raw angles per frame into an animated scatter of 784 points, and two animated heat maps, each written as a page.
Times are those of the process and its children (ffmpeg), after the imports; each is the best of three.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))


def cpu(task: Callable[[], object], rounds: int = 3) -> float:
    """Best CPU time in seconds, children included."""
    taken = []
    for _ in range(rounds):
        before = os.times()
        task()
        after = os.times()
        taken.append(sum(after[:4]) - sum(before[:4]))
    return min(taken)


def plotly_pages(history: Path, folder: Path) -> dict[str, tuple[float, int]]:
    """Seconds and bytes of each of the study's pages; history has theta and spike (time, channel, y, x)."""
    import pandas as pd
    import plotly.express as px
    from sklearn.decomposition import PCA

    with np.load(history) as held:
        theta, spike = np.moveaxis(held["theta"], 1, -1), np.moveaxis(held["spike"], 1, -1).astype(np.float32)

    def scatter() -> None:
        frames = []
        for t, angles in enumerate(theta.reshape(len(theta), -1, theta.shape[-1])):
            x, y = PCA(2).fit_transform(angles).T
            frames.append(pd.DataFrame({"x": x, "y": y, "class": "3", "timestep": t}))
        drawn = px.scatter(
            pd.concat(frames), x="x", y="y", color="class", animation_frame="timestep", opacity=0.7,
            width=900, height=700,
        )  # fmt: skip
        drawn.write_html(folder / "scatter.html")

    def heat(values: np.ndarray, name: str) -> None:
        px.imshow(values.mean(-1), animation_frame=0).write_html(folder / name)

    tasks = {
        "scatter.html": scatter,
        "phase.html": lambda: heat(theta, "phase.html"),
        "spike.html": lambda: heat(spike, "spike.html"),
    }
    return {name: (cpu(task), (folder / name).stat().st_size) for name, task in tasks.items()}


def analysed(folder: Path) -> dict[str, Any]:
    """The default digit from its parameters to every table that a figure shows, through the stores on disk."""
    from emergent_dynamics import driver, store
    from emergent_dynamics.config import schema
    from emergent_dynamics.oscillators import frames, simulation
    from emergent_dynamics.oscillators.findings import defects, energy, locking, order, projection, spikes

    folder.mkdir()
    config = schema.resolve(schema.read_schemas()[1]["oscillators"], {})
    target = folder / "trajectory.zarr"
    driver.run(simulation.build(config), folder / "checkpoint", target, {"system": "oscillators"})
    trajectory = store.open_complete(target)
    shown = projection.find(trajectory, config)
    plane = folder / "p.zarr"
    with store.writing(plane, projection.variables(shown), "frame", len(shown["frame_index"]), {}) as stream:
        for fixed in ("cell", "explained", "mean", "axes"):
            stream.whole(fixed, shown[fixed])
        stream.append({name: shown[name] for name in ("position", "frame_index")})
    locked = locking.find(trajectory, config)
    return {
        "config": config, "trajectory": trajectory, "plane": store.open_complete(plane), "plv": locked["plv"][0],
        "order": order.find(trajectory, config), "energy": energy.find(trajectory, config)["energy"],
        "spikes": spikes.find(trajectory, config)["rates"], "raster": frames.raster(trajectory),
        "defects": defects.find(trajectory, config)["defects"], "bins": locked["histogram"],
    }  # fmt: skip


def trained() -> list[dict]:
    """Rows of a training with made-up accuracies, one per classifier, split and kind of features."""
    from emergent_dynamics.oscillators.classifiers import CLASSIFIERS

    return [
        {"noise": 0.3, "features": name, "split": split, "classifier": classifier, "n_test": 100}
        | {"accuracy": 0.9 + 0.02 * split, "confusion": [10] * 100, "log": [[1 / k, 1 / k] for k in range(1, 21)]}
        for name in ("raw", "encoding", "blur_1", "field") for split in range(3)
        for classifier in CLASSIFIERS
    ]  # fmt: skip


def our_figures(folder: Path) -> tuple[dict[str, tuple[float, int]], float, Path]:
    """Seconds and bytes of every default figure of a digit, seconds before them, and the history for `plotly_pages`."""
    from emergent_dynamics.oscillators.figures import (
        accuracy,
        confusion,
        defects,
        energy,
        epochs,
        film,
        gain,
        locking,
        order,
        spikes,
        trajectories,
        viewer,
    )
    from emergent_dynamics.oscillators.findings import training
    from emergent_dynamics.plotting import style
    from emergent_dynamics.plotting.film import write_film
    from emergent_dynamics.plotting.viewers import film_page

    t = analysed(folder / "cold")
    before = cpu(lambda: analysed(folder / "warm"), 1)
    trajectory, config, time = t["trajectory"], t["config"], t["trajectory"]["time"].values
    learned = training.find(trained())

    def page(name: str, text: Callable[[], str]) -> Callable[[], object]:
        return lambda: (folder / name).write_text(text())

    def moving(name: str, frames: Callable) -> Callable[[], object]:
        def write() -> None:
            write_film(frames(trajectory), folder / f"{name}.mp4", fps=20)
            (folder / f"{name}.html").write_text(film_page(folder / f"{name}.mp4", name))

        return write

    def still(name: str, drawing: Callable) -> Callable[[], object]:
        return lambda: style.save(drawing(), folder / name)

    tasks = {
        "viewer.html": page("viewer.html", lambda: viewer.page(trajectory, "digit")),
        "trajectories.html": page(
            "trajectories.html", lambda: trajectories.page(t["plane"], trajectory, "pca", "digit")
        ),
        "phase.html": moving("phase", film.phase_frames),
        "spike.html": moving("spike", film.spike_frames),
        "order.svg": still(
            "order.svg", lambda: order.draw(t["order"]["order"], t["order"]["convergence"], config)
        ),
        "energy.svg": still("energy.svg", lambda: energy.draw(t["energy"], proven=False)),
        "spikes.svg": still("spikes.svg", lambda: spikes.draw(t["spikes"], t["raster"], time)),
        "defects.svg": still("defects.svg", lambda: defects.draw(t["defects"])),
        "locking.svg": still("locking.svg", lambda: locking.draw(t["plv"], t["bins"])),
        "accuracy.svg": still("accuracy.svg", lambda: accuracy.draw(learned["accuracy"], learned["gain"])),
        "confusion.svg": still("confusion.svg", lambda: confusion.draw(learned["confusion"])),
        "epochs.svg": still("epochs.svg", lambda: epochs.draw(learned["epochs"])),
        "gain.html": page("gain.html", lambda: gain.page(learned["gain"], "digit")),
    }
    for task in tasks.values():
        task()  # fonts, compiled kernels
    taken = {name: (cpu(task), (folder / name).stat().st_size) for name, task in tasks.items()}
    films = sum((folder / f"{name}.mp4").stat().st_size for name in ("phase", "spike"))
    taken["the films' files"] = 0.0, films
    history = folder / "history.npz"
    theta, spike = (trajectory[name].values[0, 1:] for name in ("theta", "spike"))
    np.savez(history, theta=theta.astype(np.float32), spike=spike)
    return taken, before, history


def show(title: str, taken: dict[str, tuple[float, int]]) -> float:
    """Print a table and return its seconds."""
    print(f"\n{title}")
    for name, (seconds, size) in taken.items():
        print(f"  {name:20}{seconds:8.3f} s{size / 1e6:9.3f} MB")
    seconds = sum(s for s, _ in taken.values())
    print(f"  {'all':20}{seconds:8.3f} s{sum(b for _, b in taken.values()) / 1e6:9.3f} MB")
    return seconds


def main(plotly: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        taken, before, history = our_figures(folder)
        command = [plotly, __file__, "--pages", str(history), name]
        pages = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    base = show("the study's three plotly pages", pages)
    same = {name: taken[name] for name in ("viewer.html", "trajectories.html")}
    print(f"  {base / show('the same three animations here', same):.1f} times faster")
    ours = show("all default figures", taken)
    print(f"  {base / ours:.1f} times faster")
    print(f"simulation, checkpoint and analyses {before:.2f} s, with all figures {before + ours:.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plotly", help="interpreter that has plotly, pandas and scikit-learn")
    parser.add_argument("--pages", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.pages:
        print(json.dumps(plotly_pages(Path(asked.pages[0]), Path(asked.pages[1]))))
    else:
        main(asked.plotly)
