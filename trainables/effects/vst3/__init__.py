"""VST3 plugins, through pedalboard."""
