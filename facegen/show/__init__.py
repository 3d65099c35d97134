"""Drawing the labels of one picture on it."""
