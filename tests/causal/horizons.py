"""Runs of this system to be made longer and shorter: parameters, both horizons, whether the shorter is cut out."""

CASES = {
    "map": ({"tokens": 16, "runs": 2, "save": {"every": 10}}, {"steps": 40}, {"steps": 75}, True),
    "noise": (
        {"tokens": 16, "runs": 2, "noise": 0.1, "save": {"every": 10}},
        {"steps": 40},
        {"steps": 75},
        True,
    ),
    "stream": (
        {"tokens": 16, "runs": 2, "normalisation": "peri", "save": {"every": 10}},
        {"steps": 40},
        {"steps": 75},
        True,
    ),
    "flow": (
        {"tokens": 16, "runs": 2, "integrator": "ode", "save": {"every": 0.5}},
        {"end_time": 2.0},
        {"end_time": 3.5},
        False,  # evaluations of the velocity are written at the end
    ),
}
