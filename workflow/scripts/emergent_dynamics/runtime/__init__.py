"""What surrounds every job: log and one-line errors, provenance, peak memory, garbage collection, Numba's settings."""

FORMAT = 1  # raised when the bytes written to disk change; dependent results are then computed again
