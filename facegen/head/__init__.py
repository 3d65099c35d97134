"""The head: a morphable bust compiled from CC0 data, posed by facial actions, with anatomical points."""
