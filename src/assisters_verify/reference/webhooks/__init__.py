"""Webhooks: subscriptions, the check of an endpoint, signatures and delivery."""
