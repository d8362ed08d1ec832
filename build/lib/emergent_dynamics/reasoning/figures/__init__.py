"""Drawings of the 2x2: tables in, figures out. Right answers are blue, wrong ones orange; settled is dark."""
