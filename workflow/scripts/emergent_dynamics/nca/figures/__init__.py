"""Drawings of a world, one module per figure: they take tables or arrays and return a figure, frames or a page."""
