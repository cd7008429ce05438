"""``GET /metrics``, for Prometheus."""

from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ai_engine.state import AppState, EngineRequest


async def metrics(request: EngineRequest) -> PlainTextResponse:
    """Say what was counted."""
    lines = [line for family in families(request.state["engine"]) for line in family]
    return PlainTextResponse(
        "\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8"
    )


def families(state: AppState) -> list[list[str]]:
    """Return all families of samples."""
    models = [(f'model="{escaped(one.spec.name)}"', one) for one in state.models.all]
    return [
        family("inputs_total", "counter", [("", state.answered)]),
        family("busy", "gauge", [("", int(state.is_busy))]),
        family("uptime_seconds", "gauge", [("", state.uptime)]),
        family(
            "requests_total", "counter", [(f'route="{k}"', n) for k, n in state.requests.items()]
        ),
        family("tokens_total", "counter", [(f'kind="{k}"', n) for k, n in state.tokens.items()]),
        family("model_loaded", "gauge", [(m, int(one.model is not None)) for m, one in models]),
        family("model_runs_total", "counter", [(m, one.runs) for m, one in models]),
        family("model_load_seconds", "gauge", [(m, one.load_s or 0) for m, one in models]),
    ]


def family(name: str, kind: str, samples: list[tuple[str, float]]) -> list[str]:
    """Return the lines of one family."""
    full = f"ai_engine_{name}"
    rows = [
        f"{full}{{{labels}}} {value}" if labels else f"{full} {value}" for labels, value in samples
    ]
    return [f"# TYPE {full} {kind}", *rows]


def escaped(text: str) -> str:
    """Return a text as the value of a label."""
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


ROUTES = [Route("/metrics", metrics, methods=["GET"])]
