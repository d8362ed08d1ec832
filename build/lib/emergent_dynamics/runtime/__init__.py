"""What surrounds every job: log and one-line errors, provenance, peak memory, garbage collection, Numba's settings."""
