"""The same app as a deployment of Ray Serve: ``serve run ray_app:deployment`` in this directory.

Ray says how many replicas there are, none while nobody asks; each has an app of its own, with its
models. Reached from the supervisor as an engine of kind ``remote`` (docs/scale.md).
"""

from collections.abc import MutableMapping
from typing import Any

from ray import serve
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_engine.app import create_app
from ai_engine.deps import Deps

MAX_REPLICAS = 4
IDLE_S = 300.0
"""As long as the supervisor leaves an engine of its own."""


class KeepsLifespanState:
    """Hands what lifespan start-up made to every request, as servers do and Ray's does not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._state: MutableMapping[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app with a state in its scope."""
        is_lifespan = scope["type"] == "lifespan"
        state = self._state if is_lifespan else dict(self._state)
        await self._app({**scope, "state": state}, receive, send)


def refuse_stop() -> None:
    """Answer ``POST /stop``: a replica that ends by itself would be replaced."""
    raise HTTPException(409, "Ray Serve decides when a replica ends.")


def say(line: str) -> None:
    """Write a line to the replica's log."""
    print(line, flush=True)


def build_app() -> ASGIApp:
    """Make the app of one replica, in its process."""
    return KeepsLifespanState(create_app(Deps(request_stop=refuse_stop, say=say)))


class Engine:
    """Nothing of its own: the app answers."""


engine = serve.deployment(
    name="ai-engine",
    autoscaling_config={
        "min_replicas": 0,
        "initial_replicas": 1,
        "max_replicas": MAX_REPLICAS,
        "target_ongoing_requests": 8,
        "downscale_to_zero_delay_s": IDLE_S,
    },
)(serve.ingress(build_app)(Engine))

deployment = engine.bind()
