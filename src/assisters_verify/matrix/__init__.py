"""The kill matrix: which checks catch which faults of the reference server, and whether any reading is blamed."""
