"""Background work: ``/jobs``."""

import asyncio
from typing import Any, Final

from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ai_engine.answers import JsonResponse
from ai_engine.jobs.jobs import JobInput, Jobs
from ai_engine.jobs.record import JobRecord
from ai_engine.models.model import ModelError
from ai_engine.routes.body import parse_object
from ai_engine.routes.embeddings import is_ids, shape_of
from ai_engine.state import EngineRequest

MAX_LINES: Final = 50_000


async def submit(request: EngineRequest) -> Response:
    """Take a body of JSON lines, one input each, and answer at once."""
    state = request.state["engine"]
    jobs = jobs_of(request)
    query = request.query_params
    resident = state.models.find(query.get("model"))
    shape = shape_of({**query, "dimensions": number_of(query.get("dimensions"))})
    inputs = await asyncio.to_thread(inputs_of, await request.body())
    try:
        record = await jobs.submit(resident, inputs, shape)
    except OSError as error:
        raise ModelError(507, f"The job can't be kept: {error}.", "no_space") from error
    return JsonResponse(record.to_json(), 202, {"Location": f"/jobs/{record.id}"})


async def index(request: EngineRequest) -> Response:
    """List the jobs, the newest first."""
    records = await asyncio.to_thread(jobs_of(request).store.all)
    return JsonResponse({"jobs": [one.to_json() for one in records]})


async def show(request: EngineRequest) -> Response:
    """Say how far a job is."""
    return JsonResponse((await find(request)).to_json())


async def cancel(request: EngineRequest) -> Response:
    """Call off a job, or remove one that has ended."""
    await jobs_of(request).cancel(await find(request))
    return Response(status_code=204)


async def results(request: EngineRequest) -> Response:
    """Answer with the lines that there are once nobody adds any more."""
    record = await find(request)
    if record.is_unfinished:
        raise ModelError(409, f"The job is at {record.done} of {record.total}.", "not_finished")
    path = jobs_of(request).store.results(record.id)
    return FileResponse(path, media_type="application/x-ndjson")


def jobs_of(request: EngineRequest) -> Jobs:
    """Return the jobs of this engine. Raises ``ModelError`` 503 where there can be none."""
    jobs = request.state["engine"].jobs
    if jobs is None:
        raise ModelError(503, "There is no directory for jobs: neither XDG_STATE_HOME nor HOME.")
    return jobs


async def find(request: EngineRequest) -> JobRecord:
    """Return the job that the path names. Raises ``ModelError`` 404."""
    job_id = request.path_params["job_id"]
    found = await asyncio.to_thread(jobs_of(request).store.find, job_id)
    if found is None:
        raise ModelError(404, "There is no such job; they are kept for 24 hours.", "not_found")
    return found


def inputs_of(body: bytes) -> list[JobInput]:
    """Return what the lines ask for. Raises ``ModelError`` 400, naming the line."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise ModelError(400, 'The body is empty; send a line {"input": "…"} for each input.')
    if len(lines) > MAX_LINES:
        raise ModelError(400, f"There are {len(lines)} lines; at most {MAX_LINES} may be sent.")
    return [input_of(number, line) for number, line in enumerate(lines, 1)]


def input_of(number: int, line: bytes) -> JobInput:
    """Return what one line asks for."""
    try:
        document: dict[str, Any] = parse_object(line)
    except ModelError as error:
        raise ModelError(400, f"Line {number}: {error.message}") from error
    value: Any = document.get("input")
    if not (isinstance(value, str) and value) and not is_ids(value):
        message = f'Line {number}: "input" has to be a string or token ids, and not empty.'
        raise ModelError(400, message)
    return JobInput(value, document.get("id"))


def number_of(text: str | None) -> object:
    """Return a number that stands in a query; what is none goes on as it is."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else text


ROUTES = [
    Route("/jobs", submit, methods=["POST"]),
    Route("/jobs", index, methods=["GET"]),
    Route("/jobs/{job_id}", show, methods=["GET"]),
    Route("/jobs/{job_id}", cancel, methods=["DELETE"]),
    Route("/jobs/{job_id}/results", results, methods=["GET"]),
]
