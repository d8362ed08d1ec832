"""The classifiers of images, and their names in tables and figures; imports nothing."""

NAMES = {"ridge": "ridge regression", "knn": "3 nearest neighbours", "head": "trained with Adam"}
CLASSIFIERS = tuple(NAMES)
