"""What is trained: audio, effects, rendering, models and the Ray actors that run them. Knows nothing of MLflow or Optuna."""
