"""Training a recogniser on datasets of ours: `data` cuts crops; what trains on them needs torch and numpy alone."""
