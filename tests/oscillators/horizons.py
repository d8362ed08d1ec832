"""Runs of this system to be made longer and shorter: parameters, both horizons, whether the shorter is cut out."""

CASES = {
    "field": (
        {"height": 6, "width": 7, "runs": 2, "save": {"every": 4}},
        {"steps": 20},
        {"steps": 50},
        False,  # the phase of the input is written at the end
    ),
}
