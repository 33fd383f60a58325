"""The search: sweeps as Ray Tune experiments, Optuna studies and MLflow runs. Knows nothing of torch or pedalboard."""
