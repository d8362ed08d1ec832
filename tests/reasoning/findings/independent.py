"""The headlines of this room by another path: plain NumPy, SciPy and pandas on the stored arrays."""

EXPERIMENT = {"examples": 400, "resamples": 40, "capture": {"trap_radius": 0.02}}
RECOMPUTED = {}
EXPECTED = {}
REASONS = {}
