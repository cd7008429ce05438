"""Our WordPiece against the one of the model's authors, in the package tokenizers."""

import random
import unicodedata
from functools import cache
from typing import Any

import pytest
from tokenizers import Tokenizer

from ai_engine.models.wordpiece import WordPiece
from tests.texts import many_texts
from tools.weights import box_weights

NEWER = {0x166D, 0x1734, 0x1885, 0x1886}
"""Of what Unicode 3.2 had, those that have changed their kind since tokenizers took its tables."""


@cache
def both() -> tuple[WordPiece, Any]:
    theirs = Tokenizer.from_file(str(box_weights() / "tokenizer.json"))
    theirs.no_padding()
    theirs.no_truncation()
    return WordPiece.read(box_weights() / "vocab.txt"), theirs


def assert_same(texts: list[str], limit: int = 1 << 30) -> None:
    ours, theirs = both()
    for text, encoding in zip(texts, theirs.encode_batch(texts), strict=True):
        assert ours.encode(text, limit) == encoding.ids, repr(text)


def test_200_texts_have_the_ids_of_the_models_authors() -> None:
    assert_same(many_texts())


def test_any_character_of_unicode_3_2_has_its_id_in_and_beside_a_word() -> None:
    texts = [
        f"a{character}b {character}"
        for character in map(chr, range(0x20000))
        if unicodedata.ucd_3_2_0.category(character) not in ("Cn", "Cs")
        and ord(character) not in NEWER
    ]
    assert len(texts) > 50_000
    assert_same(texts)


def test_random_texts_have_the_same_ids() -> None:
    chance = random.Random(8)
    alphabet = "".join(many_texts()) + "[]#'\"\u0301\u0308\u00ad"
    assert_same(["".join(chance.choices(alphabet, k=chance.randrange(80))) for _ in range(3000)])


def test_a_long_text_is_cut_as_the_model_card_says() -> None:
    ours, theirs = both()
    theirs.enable_truncation(256)
    try:
        assert_same([text * 30 for text in many_texts(60)], 256)
    finally:
        theirs.no_truncation()
    assert len(ours.encode("word " * 100_000, 256)) == 256
    assert ours.encode("x" * 10_000_000, 256) == [101, 100, 102]


@pytest.mark.parametrize("ids", [[7592], [101, 7592], [101, 7592, 102]])
def test_ids_are_framed_once(ids: list[int]) -> None:
    assert both()[0].frame(ids, 256) == [101, 7592, 102]


def test_too_many_ids_are_cut() -> None:
    ours, _ = both()
    assert ours.frame([7592] * 1000, 256) == [101, *[7592] * 254, 102]
    assert ours.frame([101], 256) == [101, 102]
