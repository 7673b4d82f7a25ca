"""What a load run measures, as plain data that merges exactly: histograms, counters, seconds, evidence, ledger."""
