"""Branching: activity that spreads through layers, dies out, or takes over.

The layered network of Kirsanov's "Brain Criticality" notebook (2023): L layers of N neurons, all-to-all from each
layer to the next, in which an active neuron activates `sigma` others on average. Activity moves exactly one layer per
step, so the network is a bundle of independent Markov chains along the diagonals t - l; at sigma = 1 each of them is
the Wright-Fisher chain of population genetics, and nearly everything is exact linear algebra.

Beggs & Plenz 2003, J Neurosci 23:11167 (avalanches, branching ratio); Sethna, Dahmen & Myers 2001, Nature
410:242 (crackling noise); Friedman et al. 2012, PRL 108:208102 (shapes); Marshall et al. 2016, Front Physiol
7:250 (truncated likelihood, shape collapse); Wilting & Priesemann 2018, Nat Commun 9:2325 (subsampling);
Kinouchi & Copelli 2006, Nat Phys 2:348 (dynamic range); Harris 1963, "The theory of branching processes";
Ewens 2004, "Mathematical population genetics".
"""
