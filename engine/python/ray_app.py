"""The same app as deployments of Ray Serve.

In this directory:

``serve run ray_app:deployment``             the model in the box
``serve run ray_app:gguf path=/srv/a.gguf``  a GGUF that every node has there

Ray says how many replicas there are, none while nobody asks; each has an app of its own, with its
models. Reached from the supervisor as an engine of kind ``remote`` (docs/scale.md).
"""

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from ray import serve
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_engine.app import create_app
from ai_engine.deps import Deps
from ai_engine.models.catalog import catalog_of

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


def end(line: str) -> None:
    """End the replica, which can't do what it is for; Ray begins another, and says so."""
    say(line)
    os._exit(1)


def refuse_stop() -> None:
    """Answer ``POST /stop``: a replica that ends by itself would be replaced."""
    raise HTTPException(409, "Ray Serve decides when a replica ends.")


def say(line: str) -> None:
    """Write a line to the replica's log."""
    print(line, flush=True)


def build_app() -> ASGIApp:
    """Make the app of one replica, in its process."""
    models = catalog_of(os.environ)
    deps = Deps(request_stop=refuse_stop, say=say, fail=end, models=models)
    return KeepsLifespanState(create_app(deps))


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


def gguf(args: dict[str, str]) -> serve.Application:
    """Deploy one GGUF: ``path``, and ``name`` if it is not to be called as its file.

    One deployment each, in place of Ray's multiplexing of models: a file on which llama.cpp aborts
    ends the replica, and with it what else that holds.
    """
    path = args["path"]
    called = args.get("name") or Path(path).name.removesuffix(".gguf")
    env = {"AI_ENGINE_MODEL_PATH": path, "AI_ENGINE_MODEL_NAME": called}
    return engine.options(ray_actor_options={"runtime_env": {"env_vars": env}}).bind()
