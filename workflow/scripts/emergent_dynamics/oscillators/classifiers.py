"""The classifiers that tell images apart, and what tables and figures call them; imports nothing."""

NAMES = {"ridge": "ridge regression", "knn": "3 nearest neighbours", "head": "trained with Adam"}
CLASSIFIERS = tuple(NAMES)
