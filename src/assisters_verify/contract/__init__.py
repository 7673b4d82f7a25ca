"""What the answers of this one API look like: the judgements that conformance checks and load scenarios share."""
