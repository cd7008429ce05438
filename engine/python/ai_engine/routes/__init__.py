"""The routes, one module per family."""

from starlette.routing import Route

from ai_engine.routes import embeddings, engine, generate, jobs, metrics, models, profile, rerank


def all_routes() -> list[Route]:
    """Return every route that the app serves."""
    return [
        *engine.ROUTES,
        *models.ROUTES,
        *embeddings.ROUTES,
        *rerank.ROUTES,
        *generate.ROUTES,
        *jobs.ROUTES,
        *metrics.ROUTES,
        *profile.ROUTES,
    ]
