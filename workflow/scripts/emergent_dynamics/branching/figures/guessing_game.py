"""Film of the guessing game, one trial after another: makes RGB frames (height, width, 3) uint8 from spikes."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from emergent_dynamics.branching.figures import cells
from emergent_dynamics.branching.film import SILENCE


def score(excited: np.ndarray, reached: np.ndarray, ended: int) -> str:
    """Return a text that says how many of the first `ended` trials end within one neuron of their input."""
    near = np.abs(reached[:ended].astype(int) - excited[:ended]) < 2
    return f"{np.count_nonzero(near)} of {ended} within one neuron"


def frames(windows: xr.Dataset, smoothing: str, stretch: int, width: int = 700) -> Iterator[np.ndarray]:
    """Yield the frames of the film: every sigma without selection on the same inputs, and the selection at the sigma
    nearest to 1.
    """
    sigma = windows["sigma"].values
    critical = int(np.abs(sigma - 1.0).argmin())
    rate = windows["accept_rate"].values[1, critical]
    titles = [f"σ = {s:g}, every trial" for s in sigma]
    titles.append(f"σ = {sigma[critical]:g}, SELECTED: {100 * rate:.1f} % of trials")
    chosen = [(0, panel) for panel in range(sigma.size)] + [(1, critical)]
    mask, excited, reached = (windows[name].values for name in ("guess_mask", "excited", "reached"))
    stage, panes = cells.panels("The guessing game", titles, mask.shape[3], mask.shape[4], width, 2)
    length = mask.shape[3] + SILENCE
    shown = [cells.pictures(mask[at], windows["width"].values, smoothing, stretch) for at in chosen]
    for frame, now in enumerate(zip(*shown, strict=True)):
        step, trial = frame // stretch % length, frame // stretch // length
        picture = stage.blank()
        for pane, at, levels in zip(panes, chosen, now, strict=True):
            pane.cells(picture, levels.T, cells.CELLS)
            _, bottom, left, right = pane.box
            if excited[at][trial] >= 0:
                ended = step >= mask.shape[3] - 1
                out = f"   out {reached[at][trial]}" if ended else ""
                lines = score(excited[at], reached[at], trial + ended), f"in {excited[at][trial]}{out}"
                x, y = (left + right) / 2 / stage.scale, bottom / stage.scale  # CSS pixels
                for text, above in zip(lines, (38, 20), strict=True):
                    stage.text(picture, text, x, y - above, align="center", size=12, colour="#FFFFFF")
        stage.clock(picture, f"trial {trial + 1}", frame / (mask.shape[2] * stretch))
        yield picture
