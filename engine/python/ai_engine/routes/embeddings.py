"""``POST /v1/embeddings``."""

import json
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import Route

from ai_engine.models.embedding import Encoding, Shape, embed
from ai_engine.models.model import Input, ModelError
from ai_engine.routes.body import read_object
from ai_engine.state import EngineRequest

MAX_INPUTS: Final = 2048
ENCODINGS: Final[dict[str, Encoding]] = {"float": "float", "base64": "base64"}


async def embeddings(request: EngineRequest) -> Response:
    """Answer with the vectors of one or many inputs."""
    state = request.state["engine"]
    body = await read_object(request)
    resident = state.models.find(body.get("model"))
    inputs = inputs_of(body.get("input"))
    shape = shape_of(body)
    with state.working():
        vectors, tokens = await embed(resident, inputs, shape, request.is_disconnected)
    state.count_tokens("embeddings", tokens)
    data = ",".join(
        f'{{"object":"embedding","index":{index},"embedding":{vector}}}'
        for index, vector in enumerate(vectors)
    )
    name = json.dumps(resident.spec.name)
    usage = f'{{"prompt_tokens":{tokens},"total_tokens":{tokens}}}'
    text = f'{{"object":"list","model":{name},"usage":{usage},"data":[{data}]}}'
    return Response(text.encode("ascii"), media_type="application/json")


def inputs_of(value: object) -> list[Input]:
    """Return the inputs: one or many, as texts or as ids. Raises ``ModelError`` 400."""
    if isinstance(value, str) or is_ids(value):
        inputs: list[Any] = [value]
    elif isinstance(value, list):
        inputs = value
    else:
        raise ModelError(400, '"input" has to be a string, token ids, or a list of either.')
    if not inputs or any(one in ("", []) for one in inputs):
        raise ModelError(400, '"input" must not be empty.')
    if len(inputs) > MAX_INPUTS:
        raise ModelError(400, f'"input" has {len(inputs)} parts; at most {MAX_INPUTS} may be sent.')
    if not (all(isinstance(one, str) for one in inputs) or all(is_ids(one) for one in inputs)):
        raise ModelError(400, 'All of "input" has to be strings, or all of it token ids.')
    return inputs


def is_ids(value: object) -> bool:
    """Tell whether it is a list of token ids, and has any."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(type(one) is int and 0 <= one < 1 << 31 for one in value)
    )


def shape_of(body: dict[str, Any]) -> Shape:
    """Return how the vectors are wanted. Raises ``ModelError`` 400."""
    wanted = body.get("encoding_format")
    encoding = "float" if wanted is None else ENCODINGS.get(str(wanted))
    if encoding is None:
        raise ModelError(400, '"encoding_format" is "float" or "base64".')
    dimensions = body.get("dimensions")
    if dimensions is not None and (type(dimensions) is not int or dimensions < 1):
        raise ModelError(400, '"dimensions" has to be a whole number from 1 on.')
    return Shape(encoding, dimensions)


ROUTES = [Route("/v1/embeddings", embeddings, methods=["POST"])]
