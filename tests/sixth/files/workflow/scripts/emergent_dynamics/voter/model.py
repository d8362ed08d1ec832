"""Voters who copy one another."""

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.voter.parameters import Parameters


def initial(p: Parameters) -> np.ndarray:
    """(run, voter) bool: the first `ones` voters of every run have opinion 1."""
    return np.tile(np.arange(p.voters) < p.ones, (p.runs, 1))


def step(opinion: np.ndarray, seed: int, now: int) -> np.ndarray:
    """(run, voter) bool at now + 1: every voter copies a voter of its run, drawn uniformly, itself included."""
    runs, voters = opinion.shape
    copied = [streams.integers(seed, "voter.copy", run, now, voters, voters) for run in range(runs)]
    return np.take_along_axis(opinion, np.stack(copied), axis=1)


def observe(opinion: np.ndarray) -> np.ndarray:
    """(run,) share of opinion 1."""
    return opinion.mean(axis=1)
