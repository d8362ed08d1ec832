"""Experiments that the tests of the dynamics share."""

import numpy as np

from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.config.schema import read_schemas, resolve

SCHEMA = read_schemas()[1]["causal"]


def experiment(**changes):
    """The schema's defaults with a few runs and tokens, and these keys changed."""
    return resolve(SCHEMA, {"runs": 3, "tokens": 64, **changes})


def parameters(**changes):
    """The same as `Parameters`."""
    return Parameters.from_config(experiment(**changes))


def rotation(angle):
    """A 2x2 rotation as rows."""
    return [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]


def random_matrix(d, seed, scale=1.0):
    """A d x d matrix as rows, with |.|_2 = scale."""
    a = np.random.default_rng(seed).normal(size=(d, d))
    return (scale * a / np.linalg.norm(a, 2)).tolist()


REFLECTION = [[1.0, 0.0], [0.0, -1.0]]

# Each goes through another branch of some engine.
CASES = {
    "circle": {},
    "many runs": {"runs": 33},
    "many runs, any V": {"runs": 40, "value": random_matrix(2, 1)},
    "any V": {"value": random_matrix(2, 1)},
    "full": {"mask": "none", "tokens": 80},
    "turned by 0.3": {"query": rotation(0.3), "tokens": 100},
    "turned by pi": {"query": rotation(np.pi), "tokens": 100},
    "reflected": {"query": REFLECTION, "tokens": 100},
    "reflected, full": {"query": REFLECTION, "mask": "none", "tokens": 100},
    "any Q": {"query": random_matrix(2, 2), "key": random_matrix(2, 3)},
    "long": {"tokens": 1000, "runs": 1},
    "hot": {"beta": 0.5, "tokens": 150},
    "cold": {"beta": 1000.0, "tokens": 600, "runs": 1},
    "no scores": {"key": [[0.0, 0.0], [0.0, 0.0]], "tokens": 150},
    "sphere": {"dimension": 3},
    "sphere, full": {"dimension": 3, "mask": "none"},
    "sphere, any Q, K, V": {
        "dimension": 3, "query": random_matrix(3, 1), "key": random_matrix(3, 2, 3.0), "value": random_matrix(3, 3),
    },
    "sphere, scores to 5000": {"dimension": 3, "query": random_matrix(3, 4, 100.0)},
    "twelve coordinates": {"dimension": 12, "tokens": 70, "value": random_matrix(12, 1)},
    "unnormalised": {"attention": "unnormalised", "beta": 2.0, "step_size": 0.1, "tokens": 100},
    "unnormalised, many runs": {
        "attention": "unnormalised", "beta": 2.0, "step_size": 0.1, "tokens": 100, "runs": 12,
    },
    "unnormalised, full": {"attention": "unnormalised", "beta": 2.0, "step_size": 0.1, "mask": "none"},
    "unnormalised, sphere": {"attention": "unnormalised", "beta": 2.0, "step_size": 0.1, "dimension": 3},
    "two tokens": {"tokens": 2},
    "one token": {"tokens": 1},
}  # fmt: skip
