"""Put what a target calls something into a path."""

from urllib.parse import quote


def in_path(name: str, *, safe: str = "") -> str:
    """Return the name as a part of a path, whatever stands in it: JSON can spell half of a character."""
    return quote(name, safe=safe, errors="surrogatepass")
