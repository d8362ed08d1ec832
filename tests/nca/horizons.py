"""Runs of this system to be made longer and shorter: parameters, both horizons, whether the shorter is cut out."""

CASES = {
    "full": ({"width": 12, "height": 10, "runs": 2}, {"generations": 30}, {"generations": 130}, True),
    "every hundredth": (
        {"width": 12, "height": 10, "seed_fraction": 0.4, "archive": "checkpoint"},
        {"generations": 200},
        {"generations": 330},
        True,
    ),
}
