"""Figures and films of the branching network: tables or arrays in, drawings out."""
