"""Fast versions of `model.step`: for one core (`cpu`, with `planes` and `sums`), and for CUDA devices."""
