"""Recursive reasoning models: finite-time Lyapunov exponents against convergence and correctness.

A. Jolicoeur-Martineau 2025, "Less is more: recursive reasoning with tiny networks", arXiv:2510.04871 (TRM).
G. Wang et al. 2025, "Hierarchical reasoning model", arXiv:2506.21734 (HRM).
Z. Ren & Z. Liu 2026, arXiv:2601.10679 (HRM is trapped at its first guess, or leaves a solution it had found).
R. Engelken 2023, "Gradient flossing", arXiv:2312.17306; R. Vogt et al. 2020, arXiv:2006.14123 (exponents by
QR). G. Benettin et al. 1980, Meccanica 15, 9-30; K. Geist, U. Parlitz & W. Lauterborn 1990 (QR against SVD).
"""
