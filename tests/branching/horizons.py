"""Runs of this system to be made longer and shorter: parameters, both horizons, whether the shorter is cut out."""

CASES = {
    "small": (
        {"layers": 6, "neurons": 5, "sigma": [0.9], "avalanches": 100, "trials": 50, "runs": 2},
        {"steps": 2000},
        {"steps": 5000},
        False,  # the sums of avalanches and trials are written at the end
    ),
}
