"""Fast paths of the map and of the flow, each equal to `model` within the rounding that its tests state."""
