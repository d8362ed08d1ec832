"""Fast paths on the CPU: the layered network, the recurrent graph, and trees."""
