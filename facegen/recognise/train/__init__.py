"""Training a recogniser on datasets of ours. `loop`, `nets`, `heads` and `augment` need torch and numpy alone; `data` cuts crops."""
