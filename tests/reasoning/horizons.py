"""Runs of this system to be made longer and shorter: parameters, both horizons, whether the shorter is cut out."""

CASES = {
    "capture map": ({"examples": 50}, {"act_steps": 8}, {"act_steps": 16}, True),
    "training": (
        {
            "source": "train",
            "examples": 8,
            "task": {"kind": "sudoku", "size": 4, "puzzles": 400, "test": 32},
            "network": {"width": 8, "layers": 1},
            "training": {"batch": 8},
        },
        {"checkpoints": [2, 4]},
        {"checkpoints": [2, 4, 7]},
        True,
    ),
}
