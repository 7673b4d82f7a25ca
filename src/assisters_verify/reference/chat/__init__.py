"""Chat completions: read a request, let the model answer, write the answer whole or as a stream."""
