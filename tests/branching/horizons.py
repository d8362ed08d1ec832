"""What of this system is made longer and shorter: parameters, both horizons, and whether the shorter is cut out."""

# How many steps there are decides how every ensemble is shared among them, so another number of them is another run.
CASES: dict = {}
