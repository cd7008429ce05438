"""Bodies of requests to models: JSON objects."""

import json
import re
from typing import Any, Final, NoReturn

from ai_engine.models.model import ModelError
from ai_engine.state import EngineRequest

SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
"""Without one of these there can be no lone surrogate: as bytes they are no UTF-8."""


async def read_object(request: EngineRequest) -> dict[str, Any]:
    """Return the body of a request. Raises ``ModelError`` 400."""
    return parse_object(await request.body())


def parse_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises ``ModelError`` 400."""
    try:
        document = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelError(400, "The body is not JSON.") from error
    if not isinstance(document, dict):
        raise ModelError(400, "The body is not a JSON object.")
    if SURROGATE.search(body) and has_lone_surrogate(document):
        raise ModelError(400, "A text has half of a surrogate pair, which is no character.")
    return document


def has_lone_surrogate(document: object) -> bool:
    """Tell whether some text can't be written as UTF-8."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def text_at(body: dict[str, Any], key: str) -> str:
    """Return a text that has to be there. Raises ``ModelError`` 400."""
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise ModelError(400, f'"{key}" has to be a string that is not empty.')
    return value


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python takes and JSON does not have."""
    raise ValueError(name)
