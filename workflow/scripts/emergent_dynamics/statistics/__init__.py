"""Estimates with 95 % intervals, a t test, survival, and the Kaplan-Yorke dimension of an attractor."""

from emergent_dynamics.statistics.dimension import kaplan_yorke
from emergent_dynamics.statistics.intervals import (
    Estimate,
    bootstrap_interval,
    bounded_mean_interval,
    deviation_interval,
    mean_interval,
    mean_interval_of_moments,
    proportion_interval,
    quotient_interval,
    student_p,
    unskewed_mean_interval,
)
from emergent_dynamics.statistics.survival import survival

__all__ = [
    "Estimate",
    "bootstrap_interval",
    "bounded_mean_interval",
    "deviation_interval",
    "kaplan_yorke",
    "mean_interval",
    "mean_interval_of_moments",
    "proportion_interval",
    "quotient_interval",
    "student_p",
    "survival",
    "unskewed_mean_interval",
]
