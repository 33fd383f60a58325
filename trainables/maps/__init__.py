"""Latent maps: pictures, and pages that play."""
