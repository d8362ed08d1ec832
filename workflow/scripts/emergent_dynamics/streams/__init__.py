"""Counter-based random numbers: Philox4x32-10, keyed by seed and stream, addressed by run, step and index.

A draw is a pure function of its address, so a result cannot depend on batching, chunking, thread count,
resume or the order of jobs. Source: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
1, 2, 3", SC11 (Random123).
"""

from emergent_dynamics.streams.draws import bits, choice_without_replacement, integers, normal, uniform
from emergent_dynamics.streams.philox import key, philox4x32, uniform53

FORMAT = 1  # raised when other numbers are drawn; dependent results are then computed again

__all__ = [
    "bits",
    "choice_without_replacement",
    "integers",
    "key",
    "normal",
    "philox4x32",
    "uniform",
    "uniform53",
]
