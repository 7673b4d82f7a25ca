"""Judge how a target behaves at and beyond its rate limit, from a load run's ledger, settings and measures."""
