"""Simulate, checkpoint, analyse and plot five systems of many interacting units."""

__version__ = "0.1.0"
