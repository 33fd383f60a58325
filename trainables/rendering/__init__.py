"""Effected audio: takes, blocks, the Ray actors that render them and the catalogue that shares them."""
