"""Skin: maps of colour, relief and gloss for one person, from pigment, complexion, marks, folds and age."""
