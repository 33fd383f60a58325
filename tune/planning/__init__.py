"""What a sweep will cost and need, before it runs."""
