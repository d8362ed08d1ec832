"""Runs of this system to be made longer and shorter: parameters, both horizons, whether the shorter is cut out."""

# How many steps there are decides how every ensemble is shared among them, so another number of them is another run.
CASES: dict = {}
SMALL = {"layers": 6, "neurons": 5, "sigma": [0.9], "steps": 1000, "avalanches": 100, "trials": 50, "runs": 1}
