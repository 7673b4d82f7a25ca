"""A base URL is understood as people write it, and refused without being shown where it cannot be used."""

import pytest

from assisters_verify.settings import BaseUrl, parse_base_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com/v1", "https://api.example.com"),
        ("https://api.example.com/v1/", "https://api.example.com"),
        ("https://api.example.com/proxy/v1", "https://api.example.com/proxy"),
        ("https://api.example.com/a/b-c/v1//", "https://api.example.com/a/b-c"),
        ("https://api.example.com/v1/v1", "https://api.example.com/v1"),
        ("HTTPS://API.Example.COM:443", "https://api.example.com"),
        ("http://api.example.com:80", "http://api.example.com"),
        ("https://api.example.com:80", "https://api.example.com:80"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/v1", "http://[::1]:8080"),
        ("https://api_1.example.com.", "https://api_1.example.com."),
        ("https://h:65535", "https://h:65535"),
    ],
)
def test_origin_and_prefix_are_kept(text: str, expected: str) -> None:
    assert str(parse_base_url(text)) == expected


def test_parts_are_told_apart() -> None:
    expected = BaseUrl(scheme="https", host="::1", port=8443, prefix="/p")
    assert parse_base_url("https://[::1]:8443/p/v1") == expected


def test_origin_has_no_prefix() -> None:
    assert parse_base_url("https://h/p/v1").origin == "https://h"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "does not begin with http"),
        ("api.example.com", "does not begin with http"),
        ("localhost:8080", "does not begin with http"),
        ("ftp://api.example.com", "does not begin with http"),
        ("https://SECRET@api.example.com", "user name or password"),
        ("https://user:SECRET@api.example.com", "user name or password"),
        ("https://@api.example.com", "user name or password"),
        ("https://api.example.com/?key=SECRET", "a query or a fragment"),
        ("https://api.example.com?", "a query or a fragment"),
        ("https://api.example.com/v1#SECRET", "a query or a fragment"),
        ("https://api.example.com/SECRET", "does not end in /v1"),
        ("https://api.example.com/v2", "does not end in /v1"),
        ("https://api.example.com/xv1", "does not end in /v1"),
        ("https://api.example.com/a/../v1", "empty or dotted parts"),
        ("https://api.example.com/./v1", "empty or dotted parts"),
        ("https://api.example.com/a//v1", "empty or dotted parts"),
        ("https://api.example.com/a\\b/v1", "empty or dotted parts"),
        ("https://", "names no host"),
        ("https:///v1", "names no host"),
        ("https://:80", "names no host"),
        ("https://-/v1", "names no host"),
        ("https://ex!ample", "names no host"),
        ("https://h:0", "names no host, or port 0"),
        ("https://h:65536", "is not a URL"),
        ("https://h:SECRET", "is not a URL"),
        ("https://[::1", "is not a URL"),
        ("https://api.example.com\n", "a space or a character outside ASCII"),
        ("https://api.exa\tmple.com", "a space or a character outside ASCII"),
        (" https://api.example.com", "a space or a character outside ASCII"),
        ("https://api.example.com\x7f", "a space or a character outside ASCII"),
        ("https://bücher.example", "a space or a character outside ASCII"),
    ],
)
def test_anything_else_is_refused_with_its_cause(text: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause) as caught:
        parse_base_url(text)
    assert ("SECRET" in str(caught.value), "Write it like https://api.example.com." in str(caught.value)) == (
        False,
        True,
    )


@pytest.mark.parametrize(
    "host",
    ["localhost", "api.localhost", "127.0.0.1", "127.8.9.10", "[::1]"],
)
def test_loopback_is_known(host: str) -> None:
    assert parse_base_url(f"http://{host}").is_loopback


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "localhost.example.com",
        "mylocalhost",
        "128.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "[::2]",
        "127.0.0.1.nip.io",
    ],
)
def test_other_hosts_are_not_loopback(host: str) -> None:
    assert not parse_base_url(f"http://{host}").is_loopback


@pytest.mark.parametrize(("text", "expected"), [("https://h", True), ("http://h", False)])
def test_scheme_tells_whether_there_is_tls(text: str, *, expected: bool) -> None:
    assert parse_base_url(text).is_tls is expected
