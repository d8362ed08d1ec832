"""Phrases for readers: how headlines name the quantities of this system."""

CELL = {
    "A": "settled and right",
    "B": "settled and wrong",
    "C": "still moving and right",
    "D": "still moving and wrong",
}
AREA = {
    "neg_lambda1_correct": "a right answer has a smaller leading exponent than a wrong one",
    "neg_log_drift_correct": "a right answer drifts less at the end than a wrong one",
    "neg_lambda1_correct_within_converged": (
        "a right answer has a smaller leading exponent than a wrong one, among settled examples"
    ),
    "neg_lambda1_correct_within_nonconverged": (
        "a right answer has a smaller leading exponent than a wrong one, among examples that still move"
    ),
    "neg_lambda1_converged": "a settled example has a smaller leading exponent than one that still moves",
}
CONTRAST = {
    "correct_minus_wrong": "right minus wrong",
    "within_converged": "right minus wrong, among settled examples",
    "within_nonconverged": "right minus wrong, among examples that still move",
    "wrong_converged_minus_nonconverged": "settled minus still moving, among wrong answers",
}
STRATA = {
    "drift_deciles": "equal late drift (deciles)",
    "givens": "equally many givens",
    "difficulty_quintiles": "equal difficulty (quintiles of the solver's search)",
}
