"""What surrounds every job: log and one-line errors, provenance, memory and its peak, garbage collection, Numba's
settings.
"""

FORMAT = 1  # raised when the bytes written to disk change; dependent results are then computed again
