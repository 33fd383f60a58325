"""Who proposes trials and who stops them: Optuna and Ray Tune."""
