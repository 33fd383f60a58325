"""MLflow: a projection of the ledgers, written while a sweep runs and by `fxsweep sync`."""
