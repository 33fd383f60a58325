"""Plugins of others in processes of their own, and what is measured of them before they are used."""
