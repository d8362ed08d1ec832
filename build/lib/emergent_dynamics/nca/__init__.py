"""Self-replicating neural cellular automata: every cell owns a small network that it inherits, with mutations.

Jain & Nichele 2023-2024, "Self-Replicating NCA with Coarse Grained Analysis" (MSc thesis, HiØ): the model and
its genetic (RWSP, GHC) and phenotypic (CTFP, GEP, GCVP, CLOGV) diversity tools.
Bedau, Snyder & Packard 1998, "A classification of long-term evolutionary dynamics", ALIFE VI: activity statistics;
Rechtsteiner & Bedau 1999, "A generic neutral model for measuring excess evolutionary activity": the neutral shadow.
Hill 1973, Ecology 54, "Diversity and evenness: a unifying notation": effective numbers of species.
Dolson et al. 2020 and Moreno, Dolson & Ofria 2022: phylogeny conventions (alife data standards).
"""
