"""What a sweep's trials say together: importance, splits, early stopping, the seed study."""
