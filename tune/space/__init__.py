"""The search space as values: dimensions, conditions, formulas, effect splits, and the trials that come of them. No Optuna."""
