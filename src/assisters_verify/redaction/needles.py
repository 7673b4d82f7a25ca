"""The forms in which a secret can stand in a text: as it is, in base64, in hexadecimal digits; each also cut short."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

# A shorter one could not be told from ordinary text, and hiding it everywhere would make the evidence unreadable.
SHORTEST_SECRET = 8
# Half of an ordinary key is as good as the key to somebody who guesses; less is what servers show to tell keys apart.
PART_BYTES = 12
SHORTEST_WITH_PARTS = 20
# Of 16 bytes in a row, 12 begin at one of the places that are looked for.
_STEP = 4
_MOST_OF_MIDDLE = 64
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TURNED = bytes.maketrans(
    _LETTERS + _LETTERS.lower(), b"".join(each[13:] + each[:13] for each in (_LETTERS, _LETTERS.lower()))
)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """One form of one secret. Its first `head` bytes count as the secret too, as do those from `tail` on."""

    name: str
    text: bytes
    head: int
    tail: int
    is_any_case: bool = False

    @property
    def seeds(self) -> tuple[bytes, bytes]:
        """The shortest texts of which one stands wherever this form does, whole or cut short."""
        return self.text[: self.head], self.text[self.tail :]


def needles(name: str, secret: bytes) -> Iterator[Needle]:
    """Yield the forms of a secret."""
    has_parts = len(secret) >= SHORTEST_WITH_PARTS
    head = PART_BYTES if has_parts else len(secret)
    tail = len(secret) - PART_BYTES if has_parts else 0
    yield Needle(name=name, text=secret, head=head, tail=tail)
    yield Needle(name=name, text=secret.hex().encode(), head=2 * head, tail=2 * tail, is_any_case=True)
    for shift in range(3):
        yield from _in_base64(name, secret, head=head, tail=tail, shift=shift)


def odd_needles(name: str, secret: bytes) -> Iterator[Needle]:
    """Yield the forms in which only somebody who wants to show a secret writes it, and pieces out of its middle."""
    has_parts = len(secret) >= SHORTEST_WITH_PARTS
    head = PART_BYTES if has_parts else len(secret)
    starts = range(_STEP, len(secret), _STEP)
    # What goes on longer is found by the next ones too.
    middles = {secret[start : start + PART_BYTES]: secret[start : start + _MOST_OF_MIDDLE] for start in starts}
    for begin, text in middles.items() if has_parts else ():
        if len(begin) == PART_BYTES and begin != secret[:PART_BYTES]:
            yield Needle(name=name, text=text, head=PART_BYTES, tail=0)
    yield Needle(name=name, text=secret.lower(), head=head, tail=len(secret) - head, is_any_case=True)
    for text in (secret[::-1], secret.translate(_TURNED)):
        if text != secret:
            yield Needle(name=name, text=text, head=head, tail=len(secret) - head)
    # In UTF-16 the other byte of each character is before it or behind it: between them it stands in either.
    wide = b"\0".join(bytes([byte]) for byte in secret)
    yield Needle(name=name, text=wide, head=2 * head - 1, tail=2 * (len(secret) - head))


def _in_base64(name: str, secret: bytes, *, head: int, tail: int, shift: int) -> Iterator[Needle]:
    # What stands before the secret shifts it by 0 to 2 bytes. Only digits that hold nothing but the secret are kept:
    # the first one begins at a whole number of 6 bits in the secret, and so does what follows the last one.
    first = -(-8 * shift // 6)
    text = b64encode(bytes(shift) + secret)[first : 8 * (shift + len(secret)) // 6]
    head_digits = 8 * (shift + head) // 6 - first
    tail_digits = max(-(-8 * (shift + tail) // 6) - first, 0)
    for form in dict.fromkeys((text, text.translate(_URL_SAFE))):
        yield Needle(name=name, text=form, head=head_digits, tail=tail_digits)
