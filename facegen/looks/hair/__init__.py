"""Hair of the head: roots, flow, strands and ropes of a named style, and what of it a hat leaves."""
