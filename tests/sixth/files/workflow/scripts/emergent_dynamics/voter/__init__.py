"""How long do voters disagree who copy one another?

Holley & Liggett 1975, "Ergodic theorems for weakly interacting infinite systems and the voter model", Annals of
Probability 3, 643. All voters move at once here, as genes do in Wright 1931, "Evolution in Mendelian populations".
"""
