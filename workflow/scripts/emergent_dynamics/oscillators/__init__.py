"""Phase oscillators on an image: a field of Kuramoto units coupled to neighbours, across channels and to an input.

Kuramoto 1975, "Self-entrainment of a population of coupled non-linear oscillators", Springer LNP 39, 420
Strogatz 2000, "From Kuramoto to Crawford", Physica D 143, 1 (critical couplings, r(K))
Pazo 2005, "Thermodynamic limit of the first-order phase transition in the Kuramoto model", PRE 72, 046211
Ott & Antonsen 2008, "Low dimensional behavior of large systems of globally coupled oscillators", Chaos 18, 037113
Sakaguchi & Kuramoto 1986, "A soluble active rotator model", Prog. Theor. Phys. 76, 576 (the phase lag)
Abrams & Strogatz 2004, "Chimera states for coupled oscillators", PRL 93, 174102; 2006, Int. J. Bifurcation Chaos 16, 21
Shanahan 2010, "Metastable chimera states in community-structured oscillator networks", Chaos 20, 013108
Miyato et al. 2025, "Artificial Kuramoto oscillatory neurons", ICLR (rotation inside each oscillator's own plane)
"""
