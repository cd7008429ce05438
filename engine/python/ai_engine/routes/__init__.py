"""The routes, one module per family."""

from starlette.routing import Route

from ai_engine.routes import engine


def all_routes() -> list[Route]:
    """Return every route that the app serves."""
    return [*engine.ROUTES]
