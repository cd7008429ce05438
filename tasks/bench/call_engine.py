"""Our Python engine, its functions by HTTP as well: ``POST /function/NAME`` with the argument."""

import json
import sys

from ai_engine.answers import JsonResponse
from ai_engine.samples import sample_functions
from ai_engine.server import main
from starlette.requests import Request
from starlette.routing import Route

functions = sample_functions()


async def call(request: Request) -> JsonResponse:
    """Bind and call as for a direct call."""
    function = functions.get(request.path_params["name"])
    assert function is not None
    return JsonResponse(function.bind(json.loads(await request.body()))())


sys.exit(main(functions, [Route("/function/{name}", call, methods=["POST"])]))
