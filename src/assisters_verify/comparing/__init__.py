"""Say what differs between two results: what got worse, what got better, and why."""
