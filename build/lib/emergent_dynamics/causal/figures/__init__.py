"""Figures of causal attention: arrays or tables in, a figure, frames or a page out; no statistics."""
