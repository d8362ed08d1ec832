"""What surrounds every job: log and one-line errors, provenance, peak memory, garbage collection, Numba's settings."""

FORMAT = 1  # raised when the bytes left on disk change; what rests on them is then computed again
