"""Films of one run: alpha, and the genomes in the colours of RWSP and GHC."""

from collections.abc import Iterator

import numpy as np

from emergent_dynamics.nca.colouring import rgb
from emergent_dynamics.nca.figures.moments import Moments
from emergent_dynamics.plotting import canvas, colours


def state(moments: Moments, annotated: bool = True) -> Iterator[np.ndarray]:
    """Yield frames with alpha of every cell from black (0) to bright (1); annotated frames state the numbers of
    living cells and of nets, and the standard deviation of alpha.
    """
    stage, pane = canvas.grid_canvas(
        *moments.alpha.shape[1:], title="alpha", xlabel="x", ylabel="y", colour_map=colours.ACTIVITY,
        value_label="alpha", origin="upper", width=560, height=520,
    )  # fmt: skip
    table = colours.table(colours.ACTIVITY)[np.linspace(0, 255, 11).astype(int)]
    last = max(1, moments.generations[-1])
    for generation, alpha, nets in zip(
        moments.generations.tolist(), moments.alpha, moments.nets.tolist(), strict=True
    ):
        frame = stage.blank()
        pane.cells(frame, np.minimum(alpha, 10), table, origin="upper")
        text = f"generation {generation}"
        if annotated:
            text += f"   alive {np.count_nonzero(alpha)}   nets {nets}   sd {alpha.std() / 10:.3f}"
        stage.clock(frame, text, generation / last)
        yield frame


def genome(title: str, generations: np.ndarray, maps: np.ndarray) -> Iterator[np.ndarray]:
    """Yield frames with every cell in the colour of its genome, and the number of colours other than black as text.

    maps : (generation, y, x) integers 0xRRGGBB; 0, black, is a cell without a net.
    """
    stage, pane = canvas.grid_canvas(
        *maps.shape[1:],
        title=title,
        xlabel="x",
        ylabel="y",
        colour_map=None,
        origin="upper",
        width=490,
        height=520,
    )
    for generation, shown in zip(generations.tolist(), maps, strict=True):
        palette, code = np.unique(shown, return_inverse=True)
        frame = stage.blank()
        pane.cells(frame, code.reshape(shown.shape), rgb(palette), origin="upper")
        text = f"generation {generation}   colours {np.count_nonzero(palette)}"
        stage.clock(frame, text, generation / generations[-1])
        yield frame
