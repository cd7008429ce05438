"""Which models there are, and giving their memory back."""

from starlette.routing import Route

from ai_engine.answers import JsonResponse
from ai_engine.models.resident import Resident
from ai_engine.state import EngineRequest


def describe(resident: Resident) -> dict[str, object]:
    """Say how a model is."""
    path = resident.spec.path
    model = resident.model
    return {
        "name": resident.spec.name,
        "state": resident.state,
        "kind": None if model is None else model.kind,
        "bytes": path.stat().st_size if path.exists() else None,
        "loadMs": None if resident.load_s is None else round(resident.load_s * 1000),
        "runs": resident.runs,
    }


async def list_models(request: EngineRequest) -> JsonResponse:
    """List the models, loaded or not, and load none."""
    models = [
        {"id": one.spec.name, "object": "model", "created": 0, "owned_by": "ai-engine"}
        for one in request.state["engine"].models.all
    ]
    return JsonResponse({"object": "list", "data": models})


async def unload(request: EngineRequest) -> JsonResponse:
    """Give a model's memory back; the next request loads it again."""
    resident = request.state["engine"].models.find(request.path_params["name"])
    was_loaded = await resident.unload()
    return JsonResponse({"name": resident.spec.name, "unloaded": was_loaded})


ROUTES = [
    Route("/v1/models", list_models, methods=["GET"]),
    Route("/models/{name:path}/unload", unload, methods=["POST"]),
]
