"""Conversion between a world and the state of the driver, in which cells with equal genomes share a slot of a table
of nets.
"""

import numpy as np

from emergent_dynamics.nca.model import World

State = dict[str, np.ndarray]


def pack(state: State, run: int, world: World) -> None:
    """Write a world into one run of the state: equal genomes share a slot of the table."""
    gid = world.gid.reshape(-1)
    ids, first, inverse = np.unique(np.append(0, gid), return_index=True, return_inverse=True)
    state["layers"][run] = world.layers
    state["slot"][run] = inverse[1:].reshape(world.gid.shape)
    state["age"][run] = world.age
    state["genome"][run, : ids.size] = ids
    state["table"][run, 0] = 0
    state["table"][run, 1 : ids.size] = world.weights.reshape(gid.size, -1)[first[1:] - 1]
    state["n_genomes"][run] = world.n_genomes


def unpack(state: State, run: int) -> World:
    """Return one run of the state in the form of the reference model, with a net in every cell."""
    slot = state["slot"][run]
    return World(
        state["layers"][run].copy(),
        state["table"][run][slot],
        state["genome"][run][slot].astype(np.int64),
        state["age"][run].astype(np.int64),
        int(state["n_genomes"][run]),
    )
