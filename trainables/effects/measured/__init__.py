"""What each knob of an effect does to the sound: measured, kept in manifests."""
