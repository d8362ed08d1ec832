"""Intervals for estimates, thin over scipy: 95 % unless said."""

from emergent_dynamics.statistics.intervals import (
    Estimate,
    bootstrap_interval,
    mean_interval,
    proportion_interval,
)

__all__ = ["Estimate", "bootstrap_interval", "mean_interval", "proportion_interval"]
