"""All that a file says, so that one search finds it however it was written: packed, encoded, split
by tags, told by references."""

from __future__ import annotations

import base64
import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_to_bytes

# So many layers of packing are opened, and so much of one stream: more is told as unreadable.
MOST_LAYERS = 4
LARGEST = 2**28
_ZIP = b"PK\x03\x04"
_STREAM = re.compile(rb"\x1f\x8b\x08|x[\x01\x5e\x9c\xda]")
_BASE64 = re.compile(rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{10,}")
# Shorter bytes that are no text are chance: a checksum is made of the same signs.
_LEAST_BYTES = 64

# Where a word may be split and go on: the seam stays in the text, and each word is read both ways.
_SEAM = b"\x01"
_INLINE = re.compile(
    rb"(</?(?:wbr|span|a|b|i|u|s|em|strong|small|mark|code|font|sub|sup|tspan|r|t)\b[^>]*>)"
)
_UNSEEN = tuple(sign.encode() for sign in "\u00ad\u200b\u200c\u200d\u2060\ufeff")
_BETWEEN = (b"\0", b"'+'", b"' + '", b'"+"', b'" + "')
_REFERENCE = re.compile(rb"&#?\w{1,32};")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_ESCAPED = re.compile(rb"\\(?:u00|x)([0-9A-Fa-f]{2})")
_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_IN_WORDS = bytes(c if c in _LETTERS + b"-_./\\:@%+~$" + _SEAM else 32 for c in range(256))
_IN_PIECES = bytes(c if c in _LETTERS else 32 for c in range(256)).lower()


class UnreadableError(Exception):
    """Something packed that cannot be opened, so that nobody can say what it holds."""


@dataclass(frozen=True)
class Reading:
    """What one content says."""

    content: bytes

    @cached_property
    def _is_archive(self) -> bool:
        return _ZIP in self.content and zipfile.is_zipfile(io.BytesIO(self.content))

    @cached_property
    def _is_text(self) -> bool:
        return _is_text(self.content)

    def begins(self, sign: bytes) -> bool:
        """True for these first bytes, and for text where there are none to expect."""
        return self.content.startswith(sign) if sign else self._is_text

    @cached_property
    def _seamed(self) -> bytes:
        # The members of an archive are read apart.
        own = self.content.partition(_ZIP)[0] if self._is_archive else self.content
        text = _REFERENCE.sub(_undo_reference, own)
        for sign in _BETWEEN if text.isascii() else (*_BETWEEN, *_UNSEEN):
            text = text.replace(sign, _SEAM)
        text = text.replace("\u00a0".encode(), b" ")
        # What stands in a tag is read, too.
        parts = _INLINE.split(text)
        return b"\n".join((_SEAM.join(parts[::2]), *parts[1::2]))

    @cached_property
    def text(self) -> bytes:
        """The running text, for what is more than a word."""
        return self._seamed.replace(_SEAM, b"")

    @cached_property
    def words(self) -> bytes:
        """Each word once, a line each, and what it says when it is decoded."""
        words = set(self._seamed.translate(_IN_WORDS).split())
        lines = b"\n".join(words)
        if _SEAM in lines:
            whole = b"\n".join(word.replace(_SEAM, b"") for word in words if _SEAM in word)
            lines = lines.replace(_SEAM, b"\n") + b"\n" + whole
        if _PERCENT.search(lines):
            lines += b"\n" + unquote_to_bytes(lines)
        escaped = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), lines)
        return lines if escaped == lines else lines + b"\n" + escaped

    def unpack(self, *, encoded: bool) -> Iterator[tuple[str, bytes]]:
        """What is packed in it, one layer, with the name that it has there; what is `encoded` in
        its words has none. Raises UnreadableError for what cannot be opened."""
        if self._is_archive:
            yield from _open_archive(self.content)
        elif not self._is_text:
            yield from (("", said) for said in _inflate(self.content))
        if encoded:
            yield from (("", said) for said in _decode_base64(self.words))


def cut_pieces(words: bytes) -> list[bytes]:
    """The runs of letters and digits, in small letters."""
    return words.translate(_IN_PIECES).split()


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _open_archive(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            said = [archive.comment, *(m.filename.encode() + b"\n" + m.comment for m in members)]
            yield "", b"\n".join(said)
            for member in members:
                if member.file_size > LARGEST:
                    raise UnreadableError
                yield member.filename, archive.read(member)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError):
        raise UnreadableError from None


def _inflate(content: bytes) -> Iterator[bytes]:
    """Streams of gzip and zlib wherever they begin: in a PDF, in the text of a picture."""
    view = memoryview(content)
    for found in _STREAM.finditer(content):
        stream = zlib.decompressobj(wbits=47)  # either head
        try:
            said = stream.decompress(view[found.start() :], LARGEST)
        except zlib.error:
            continue  # two bytes like a head are none
        if stream.unconsumed_tail:
            raise UnreadableError
        yield said


def _decode_base64(words: bytes) -> Iterator[bytes]:
    short = []
    for word in _BASE64.findall(words):
        said = base64.b64decode(word[: len(word) - (len(word) % 4 == 1)] + b"==", b"-_")
        if len(said) >= _LEAST_BYTES:
            yield said
        elif _is_text(said):
            short.append(said)
    if short:
        yield b"\n".join(short)


def _undo_reference(found: re.Match[bytes]) -> bytes:
    return html.unescape(found[0].decode()).encode("utf-8", "replace")
