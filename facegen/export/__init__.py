"""Training formats, written from a finished dataset: never from the renderer, never over what is there."""
