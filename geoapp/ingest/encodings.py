"""In which encoding is a text? A byte order mark, then UTF-8 if it is that, then what the bytes look like."""

import codecs
import re

SAMPLE = 256 * 1024
LIKELY = ["cp1252", "cp1256", "cp1251"]
"""What spreadsheets and GIS write that is not UTF-8: western, Arabic, Cyrillic. With more to choose from, short names go wrong."""


def is_utf8(sample: bytes) -> bool:
    """Whether bytes are UTF-8; a letter cut off at their end does not count against it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def plain(name: str) -> str:
    """The name of an encoding without case and dashes."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def known(name: str) -> bool:
    """Whether an encoding of this name is one of texts that Python has."""
    try:
        return "a".encode(name) == b"a"
    except (LookupError, ValueError, TypeError):
        return False


def guessed(sample: bytes) -> str:
    """The encoding that bytes which are no UTF-8 look most like, by the words that come out of it.

    Words of two scripts are no words: where most have Latin letters beside others, the bytes are western ones.
    """
    import charset_normalizer

    # only what is not ASCII tells encodings apart: long files of digits would drown it
    lines = b"\n".join(dict.fromkeys(line for line in sample.splitlines() if any(byte >= 0x80 for byte in line)))
    found = charset_normalizer.from_bytes(lines[:SAMPLE], cp_isolation=LIKELY, threshold=0.5).best()
    if found is None:
        return "latin-1"
    words = [word for word in _WORDS.findall(str(found)) if len(word) > 1]
    mixed = sum(any("a" <= letter <= "z" for letter in word.lower()) for word in words)
    return "cp1252" if mixed * 2 >= len(words) and _decodes(lines, "cp1252") else found.encoding


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


_WORDS = re.compile(r"\w*[^\W\x00-\x7f]\w*")
