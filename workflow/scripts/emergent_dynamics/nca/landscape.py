"""The landscape: threshold, mutation and budget of every column, from the stages that an experiment defines.

A value of a stage holds in all columns; a tuple has one value for each of equally wide strips of columns, from left
to right. The world is a torus, so the last strip lies beside the first.
"""

from typing import NamedTuple

import numpy as np

from emergent_dynamics.nca.parameters import Parameters


class Ground(NamedTuple):
    """Parameters (x,) that may differ between columns of the grid, in one generation.

    alive_threshold, mutation : float64. budget : int64, generations.
    """

    alive_threshold: np.ndarray
    mutation: np.ndarray
    budget: np.ndarray


def ground(p: Parameters, generation: int) -> Ground:
    """Return the parameters of every column in the step that leads to a generation; at generation 0, those for the
    founders.
    """
    values = {name: getattr(p, name) for name in Ground._fields}
    for stage in p.landscape:
        if stage.start <= generation:
            values |= {name: value for name in values if (value := getattr(stage, name)) is not None}
    columns = (np.atleast_1d(value)[strip_of(p.width, np.size(value))] for value in values.values())
    return Ground(*columns)


def since(p: Parameters, generation: int) -> int:
    """Return the generation since which the landscape has been as it is in the step to `generation`."""
    return max((stage.start for stage in p.landscape if stage.start <= generation), default=0)


def strips(p: Parameters) -> int:
    """Return the number of strips of the landscape, 1 where every value holds in all columns."""
    values = (value for stage in p.landscape for value in stage[1:])
    return max((len(value) for value in values if isinstance(value, tuple)), default=1)


def strip_of(width: int, strips: int) -> np.ndarray:
    """Return (x,) the strip of each column, 0 to strips - 1; widths differ by one column at most."""
    return np.arange(width) * strips // width
