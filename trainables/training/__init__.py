"""A trial's training: a generator of epochs, and the Ray bridges that drive it."""
