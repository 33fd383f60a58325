"""The presets: sweeps that come with the package."""
