"""Compiled CPU kernels for the layered network, the recurrent graph, and trees."""
