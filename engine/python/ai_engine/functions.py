"""The functions that can be called directly: by name, with what their annotations say they take."""

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

from ai_engine.frames import MAX_NAME_BYTES, ArgumentError, Payload

AnyFunction: TypeAlias = Callable[..., Any]
Runs: TypeAlias = Literal["task", "thread", "inline"]
Check: TypeAlias = Callable[[object], bool]
F = TypeVar("F", bound=AnyFunction)

NUMBERS: Final = frozenset((int, float))


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how it runs, and how its argument becomes a call of it without arguments."""

    name: str
    runs: Runs
    bind: Callable[[Payload], Callable[[], Any]]
    """Raises ``ArgumentError``."""


class Functions:
    """Functions by name.

    A function with one positional-only parameter takes the whole argument: raw bytes when it is
    annotated ``bytes``, either when ``object``, else JSON. Any other takes a JSON object with its
    parameters by name. ``async`` functions run on the event loop, others in a thread, unless they
    are ``quick``: then they run at once on the loop, which suits what takes microseconds.
    """

    def __init__(self) -> None:
        self._functions: dict[str, Function] = {}

    @property
    def names(self) -> list[str]:
        """Return all names, in order."""
        return sorted(self._functions)

    def get(self, name: str) -> Function | None:
        """Return the function of this name."""
        return self._functions.get(name)

    def add(self, function: F, *, quick: bool = False) -> F:
        """Make ``function`` callable by its own name.

        Raises ``TypeError`` for annotations that no argument can be checked by, ``ValueError`` for
        a name that is too long, not ASCII, or taken.
        """
        name = function.__name__
        if not name.isascii() or len(name) > MAX_NAME_BYTES or name in self._functions:
            raise ValueError(f"{name} can't be the name of one more function")
        if inspect.iscoroutinefunction(function):
            runs: Runs = "task"
        else:
            runs = "inline" if quick else "thread"
        self._functions[name] = Function(name, runs, binder(function))
        return function


def binder(function: AnyFunction) -> Callable[[Payload], Callable[[], Any]]:
    """Return what binds an argument to ``function``, checked by its annotations."""
    signature = inspect.signature(function, eval_str=True)
    parameters = list(signature.parameters.values())
    if len(parameters) == 1 and parameters[0].kind is inspect.Parameter.POSITIONAL_ONLY:
        return whole_binder(function, parameters[0].annotation)
    return names_binder(function, signature.parameters)


def whole_binder(
    function: AnyFunction, annotation: object
) -> Callable[[Payload], Callable[[], Any]]:
    """Bind the argument as it is."""
    if annotation is bytes:
        check: Check = is_bytes
        expected = "raw bytes"
    else:
        check = checker(annotation)
        expected = f"JSON: {show(annotation)}"

    def bind(payload: Payload) -> Callable[[], Any]:
        if not check(payload):
            raise ArgumentError(f"It takes {expected}.")
        return lambda: function(payload)

    return bind


def names_binder(
    function: AnyFunction, parameters: Mapping[str, inspect.Parameter]
) -> Callable[[Payload], Callable[[], Any]]:
    """Bind the members of a JSON object by their names."""
    checks: dict[str, Check] = {}
    needed: set[str] = set()
    for name, parameter in parameters.items():
        if parameter.kind not in (
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.KEYWORD_ONLY,
        ):
            raise TypeError(f"{function.__name__} can't be called by names")
        checks[name] = checker(parameter.annotation)
        if parameter.default is inspect.Parameter.empty:
            needed.add(name)

    def bind(payload: Payload) -> Callable[[], Any]:
        if not isinstance(payload, dict):
            raise ArgumentError("It takes a JSON object.")
        missing = needed - payload.keys()
        if missing:
            raise ArgumentError(f"Missing: {', '.join(sorted(missing))}.")
        for name, value in payload.items():
            check = checks.get(name)
            if check is None:
                raise ArgumentError(f"Unknown: {name}; it takes {', '.join(checks)}.")
            if not check(value):
                raise ArgumentError(f"{name} is not {show(parameters[name].annotation)}.")
        return lambda: function(**payload)

    return bind


def checker(annotation: object) -> Check:  # noqa: PLR0911
    """Return what tells whether a JSON value fits ``annotation``.

    Raises ``TypeError`` for an annotation that says nothing of JSON.
    """
    if annotation is object or annotation is Any:
        return is_anything
    if annotation is None or annotation is type(None):
        return is_none
    if annotation is float:
        return is_number
    if annotation in (bool, int, str, list, dict):
        return lambda value: type(value) is annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        options = [checker(argument) for argument in arguments]
        return lambda value: any(option(value) for option in options)
    if origin is list:
        return list_checker(arguments[0])
    if origin is dict and arguments[0] is str:
        inner = checker(arguments[1])
        return lambda value: type(value) is dict and all(map(inner, value.values()))
    raise TypeError(f"no JSON value can be checked by {annotation!r}")


def list_checker(item: object) -> Check:
    """Return what tells whether a value is a list of such items."""
    if item is float:
        # By their types all at once: vectors are long.
        return lambda value: type(value) is list and NUMBERS.issuperset(map(type, value))
    inner = checker(item)
    return lambda value: type(value) is list and all(map(inner, value))


def is_anything(_value: object) -> bool:
    """Fit anything."""
    return True


def is_none(value: object) -> bool:
    """Fit ``null``."""
    return value is None


def is_number(value: object) -> bool:
    """Fit a number; ``True`` is none."""
    return type(value) in NUMBERS


def is_bytes(value: object) -> bool:
    """Fit what is no JSON."""
    return isinstance(value, bytes)


def show(annotation: object) -> str:
    """Return an annotation as people write it."""
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
