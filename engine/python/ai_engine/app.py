"""The app: routes, state and errors, without a server."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from ai_engine.answers import on_crash, on_http_error, on_load_error, on_model_error
from ai_engine.body_limit import BodyLimit
from ai_engine.deps import Deps
from ai_engine.models.model import LoadError, ModelError
from ai_engine.routes import all_routes
from ai_engine.state import AppState, LifespanState


def create_app(deps: Deps, routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Make the app, with ``routes`` beside its own.

    Its state begins with lifespan start-up; nothing is shared between apps.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[LifespanState]:
        state = AppState(deps)
        loading = asyncio.ensure_future(load_needed(state))
        yield {"engine": state}
        loading.cancel()
        if state.jobs is not None:
            await state.jobs.close()
        await asyncio.to_thread(deps.hosting.close)
        deps.say(f"stopped after {state.answered} inputs")

    app = Starlette(
        routes=[*all_routes(), *routes],
        lifespan=lifespan,
        middleware=[Middleware(BodyLimit)],
        exception_handlers={
            HTTPException: on_http_error,
            ModelError: on_model_error,
            LoadError: on_load_error,
            Exception: on_crash,
        },
    )
    app.router.redirect_slashes = False
    return app


async def load_needed(state: AppState) -> None:
    """Load the model that the process is for; without it the process is for nothing."""
    needed = state.models.needed
    if needed is None:
        return
    path = needed.spec.path
    state.deps.say(f"loading {path}")
    try:
        await needed.get()
    except LoadError as error:
        state.deps.fail(f"cannot load {path}: {error}")
