"""What figures call the classifiers."""

NAMES = {"ridge": "ridge regression", "knn": "3 nearest neighbours", "head": "trained with Adam"}
CLASSIFIERS = tuple(NAMES)  # `classification.CLASSIFIERS`, without importing torch to draw
