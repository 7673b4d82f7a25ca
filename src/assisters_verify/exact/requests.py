"""Read requests from the bytes of one connection."""

from dataclasses import dataclass

import httptools


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One whole request; `authorization` is empty where there was none."""

    method: bytes
    target: bytes
    authorization: bytes
    body: bytes
    keeps_alive: bool


class RequestReader:
    """Joins what arrives to whole requests, whatever way it was cut."""

    def __init__(self) -> None:
        self.is_idle = True
        self._parser = httptools.HttpRequestParser(self)
        self._done: list[Request] = []
        self._target = self._authorization = b""
        self._body: list[bytes] = []

    def feed(self, data: bytes) -> list[Request]:
        """Return the requests that these bytes complete.

        Raises:
            ValueError: They are no HTTP.
        """
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise ValueError("no upgrade is offered") from None
        except httptools.HttpParserError as error:
            raise ValueError(str(error)) from error
        done, self._done = self._done, []
        return done

    def on_message_begin(self) -> None:
        """Called by the parser."""
        self.is_idle = False
        self._target = self._authorization = b""
        self._body = []

    def on_url(self, url: bytes) -> None:
        """Called by the parser."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if name.lower() == b"authorization":
            self._authorization = value

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self.is_idle = True
        self._done.append(
            Request(
                method=self._parser.get_method(),
                target=self._target,
                authorization=self._authorization,
                body=b"".join(self._body),
                keeps_alive=self._parser.should_keep_alive(),
            )
        )
