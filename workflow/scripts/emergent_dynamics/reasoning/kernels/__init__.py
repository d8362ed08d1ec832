"""Fast code for exponents of a batch by QR and SVD, and the hand-written derivative of the networks (torch and
CUDA).
"""
