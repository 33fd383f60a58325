"""The registry: models go in with their cards, and come out again."""
