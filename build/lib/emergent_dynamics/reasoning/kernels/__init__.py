"""Fast paths: exponents of a batch by QR and SVD, and the network's derivative written out (torch)."""
