"""Brows, lashes and beards: hairs on the posed face, by patterns of their own."""
