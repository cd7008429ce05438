"""WordPiece as BERT's uncased models were trained with it: from text to ids.

llama.cpp has its own, which cuts Korean, Hindi and long words otherwise; this one gives the ids of
the model's authors (compared with the package ``tokenizers`` in the tests).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

MAX_WORD_CHARACTERS: Final = 100
"""A longer word is one unknown token."""

SPECIAL: Final = re.compile(r"\[(?:PAD|UNK|CLS|SEP|MASK)\]")
"""What stands for itself wherever it is in a text."""

CJK: Final = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
"""Characters that are words by themselves."""


class WordPiece:
    """A vocabulary, and the way from a text to its ids."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self._ids = {token: number for number, token in enumerate(tokens)}
        self._longest = max(map(len, self._ids))
        self._unknown = self._ids["[UNK]"]
        self.begin = self._ids["[CLS]"]
        self.end = self._ids["[SEP]"]

    @classmethod
    def read(cls, path: Path) -> "WordPiece":
        """Read a vocabulary, one token a line. Raises ``OSError``, or ``KeyError`` for another."""
        return cls(path.read_text("utf-8").splitlines())

    @property
    def size(self) -> int:
        """How many ids there are."""
        return len(self._ids)

    def encode(self, text: str, limit: int) -> list[int]:
        """Return at most ``limit`` ids, the first and the last of which frame the text.

        Of a long text only as much is looked at as is needed for that.
        """
        ids = [self.begin]
        for word in words(text):
            ids += self._pieces(word)
            if len(ids) >= limit:
                del ids[limit - 1 :]
                break
        return [*ids, self.end]

    def frame(self, ids: list[int], limit: int) -> list[int]:
        """Return the ids of a text within what frames one; they may have their frame already."""
        if ids[0] == self.begin:
            ids = ids[1:]
            if ids and ids[-1] == self.end:
                ids = ids[:-1]
        return [self.begin, *ids[: limit - 2], self.end]

    def _pieces(self, word: str) -> list[int]:
        whole = self._ids.get(word)
        if whole is not None:
            return [whole]
        if len(word) > MAX_WORD_CHARACTERS:
            return [self._unknown]
        pieces = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                number = self._ids.get(prefix + word[start:end])
                if number is not None:
                    pieces.append(number)
                    start = end
                    break
            else:
                return [self._unknown]
        return pieces


def words(text: str) -> Iterator[str]:
    """Give the words of ``text``; of one that is too long only that it is."""
    start = 0
    for special in SPECIAL.finditer(text):
        yield from plain_words(text, start, special.start())
        yield special[0]
        start = special.end()
    yield from plain_words(text, start, len(text))


def plain_words(text: str, start: int, end: int) -> Iterator[str]:
    """Give the words of a part of ``text``: lower case, without accents."""
    word = ""
    for position in range(start, end):
        kind, letters = look(text[position])
        if kind == "letters":
            if len(word) <= MAX_WORD_CHARACTERS:
                word += letters
            continue
        if word:
            yield word
            word = ""
        if kind == "word":
            yield letters
    if word:
        yield word


@lru_cache(16_384)
def look(character: str) -> tuple[str, str]:
    """Return what a character is (``letters`` of a word, a ``word``, a ``gap``) and becomes."""
    code = ord(character)
    if character in "\t\n\r" or (character.isspace() and unicodedata.category(character) != "Cc"):
        return ("gap", "")
    if code in (0, 0xFFFD) or unicodedata.category(character) in ("Cc", "Cf", "Co"):
        return ("letters", "")
    bare = "".join(
        one for one in unicodedata.normalize("NFD", character) if unicodedata.category(one) != "Mn"
    ).lower()
    if any(first <= code <= last for first, last in CJK) or is_punctuation(bare):
        return ("word", bare)
    return ("letters", bare)


def is_punctuation(character: str) -> bool:
    """Tell whether it stands alone. In ASCII that is all that is no letter and no digit."""
    if len(character) != 1:
        return False
    if character.isascii():
        return character.isprintable() and not character.isalnum() and character != " "
    return unicodedata.category(character)[0] == "P"
