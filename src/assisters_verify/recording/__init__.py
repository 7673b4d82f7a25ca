"""Keep all that a run saw of the world outside, so that its checks can judge it again without a target."""
