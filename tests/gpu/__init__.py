"""What the tests of CUDA kernels share."""
