"""The figures of the voter model."""
