"""Fast versions of the model: `cpu` (Numba, one core), `cuda` and `gpu` (torch); each equals `model.step` on the same
draws.
"""
