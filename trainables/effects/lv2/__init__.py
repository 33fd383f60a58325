"""LV2 plugins: described from their files, hosted through the core ABI, offered as effects."""
