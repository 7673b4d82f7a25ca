"""Verify that a server keeps the promises of an HTTP API's documentation."""

__version__ = "0.1.0"
