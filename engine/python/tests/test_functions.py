from collections.abc import Callable
from typing import Any

import pytest

from ai_engine.frames import ArgumentError
from ai_engine.functions import Functions, checker
from ai_engine.samples import sample_functions


def call(functions: Functions, name: str, argument: object) -> Any:
    function = functions.get(name)
    assert function is not None
    return function.bind(argument)()


def test_the_samples_do_what_they_say() -> None:
    samples = sample_functions()
    assert samples.names == ["cosine", "echo"]
    for value in (None, "x", [1], {"a": 1}, b"\x00"):
        assert call(samples, "echo", value) == value
    assert call(samples, "cosine", {"a": [1, 0], "b": [0.0, 2]}) == 0
    assert call(samples, "cosine", {"a": [1, 2], "b": [2, 4]}) == pytest.approx(1)
    vectors: list[tuple[list[int], list[int]]] = [([1], [1, 2]), ([0], [1]), ([], [])]
    for a, b in vectors:
        with pytest.raises(ValueError, match="vector"):
            call(samples, "cosine", {"a": a, "b": b})


def test_arguments_are_bound_by_name_and_checked_by_annotation() -> None:
    functions = Functions()

    def scale(x: float, *, by: int = 2, label: str | None = None) -> str:
        return f"{x * by}{label or ''}"

    functions.add(scale)
    assert call(functions, "scale", {"x": 1.5}) == "3.0"
    assert call(functions, "scale", {"x": 2, "by": 3, "label": None}) == "6"
    wrong: list[tuple[object, str]] = [
        ({}, "Missing: x"),
        ({"x": "1"}, "x is not float"),
        ({"x": True}, "x is not float"),
        ({"x": 1, "by": 1.0}, "by is not int"),
        ({"x": 1, "label": 3}, "label is not"),
        ({"x": 1, "y": 2}, "Unknown: y; it takes x, by, label"),
        ([1], "JSON object"),
        (b"raw", "JSON object"),
    ]
    for argument, said in wrong:
        with pytest.raises(ArgumentError, match=said):
            call(functions, "scale", argument)


def test_one_positional_only_parameter_takes_the_whole_argument() -> None:
    functions = Functions()

    def total(numbers: list[int], /) -> int:
        return sum(numbers)

    def size(data: bytes, /) -> int:
        return len(data)

    functions.add(total)
    functions.add(size)
    assert call(functions, "total", [1, 2]) == 3
    assert call(functions, "size", b"abc") == 3
    for name, wrong in (("total", b"abc"), ("total", ["1"]), ("size", "abc")):
        with pytest.raises(ArgumentError, match="takes"):
            call(functions, name, wrong)


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (bool, True, 1),
        (int, 1, True),
        (float, 1, "1"),
        (str, "", None),
        (None, None, 0),
        (list[float], [1, 2.5], [True]),
        (list[str], ["a"], "a"),
        (dict[str, int], {"a": 1}, {"a": "1"}),
        (int | str, "a", 1.5),
        (list[list[int]], [[1]], [1]),
        (object, None, Ellipsis),
    ],
)
def test_annotations_tell_what_fits(annotation: object, good: object, bad: object) -> None:
    fits: Callable[[object], bool] = checker(annotation)
    assert fits(good)
    if bad is not Ellipsis:
        assert not fits(bad)


def test_what_can_not_be_called_is_told_at_once() -> None:
    functions = Functions()

    def odd(value: complex) -> None:
        del value

    def many(*values: int) -> None:
        del values

    for function in (odd, many):
        with pytest.raises(TypeError):
            functions.add(function)
    functions.add(test_what_can_not_be_called_is_told_at_once)
    with pytest.raises(ValueError, match="one more"):
        functions.add(test_what_can_not_be_called_is_told_at_once)
