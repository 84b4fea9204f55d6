"""Finished documents read back: held against the model before hand-over, and against the rules when they come from elsewhere."""
