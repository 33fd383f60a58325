"""Should I worry? Questions about a trained model, answered."""
