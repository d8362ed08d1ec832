"""What is known exactly of the voter model; both hold at any time and for any start."""

from emergent_dynamics.findings import Expectation
from emergent_dynamics.voter.parameters import Parameters


def share(p: Parameters) -> Expectation:
    """The mean share of an opinion never changes."""
    return Expectation(
        p.ones / p.voters, "Holley & Liggett 1975: the share is a martingale", "exact", scale=1.0
    )


def disagreement(p: Parameters, time: int) -> Expectation:
    """2 x (1 - x) (1 - 1/n)^time: two voters disagree if they copied different ones, in every step."""
    x = p.ones / p.voters
    value = 2 * x * (1 - x) * (1 - 1 / p.voters) ** time
    return Expectation(value, "Wright 1931: decay of heterozygosity", "exact", scale=0.5)
