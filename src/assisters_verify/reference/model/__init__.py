"""A small model made of rules: it answers the last turn, the same way each time."""
