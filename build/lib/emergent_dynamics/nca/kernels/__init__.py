"""The model, fast: `cpu` (Numba, one core) and `gpu` (torch); each equals `model.step` on the same draws."""
