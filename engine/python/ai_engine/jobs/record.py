"""What is known of a job, and kept in its file."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

JobState: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
"""``interrupted``: the process that worked on it is gone."""

UNFINISHED: frozenset[JobState] = frozenset({"queued", "running"})


@dataclass(slots=True, kw_only=True)
class JobRecord:
    """A job as its client sees it. Times are seconds since 1970, UTC."""

    id: str
    model: str
    total: int
    """Inputs."""
    created: float
    state: JobState = "queued"
    done: int = 0
    """Inputs whose line is written."""
    failed: int = 0
    """Those of them whose line tells an error."""
    tokens: int = 0
    ended: float | None = None
    error: str | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether somebody is to work on it yet."""
        return self.state in UNFINISHED

    def to_json(self) -> dict[str, Any]:
        """Return what goes into an answer and into the file."""
        return asdict(self)


def record_of(document: object) -> JobRecord | None:
    """Return the record that a file held; ``None`` for anything else."""
    if not isinstance(document, dict):
        return None
    try:
        record = JobRecord(**document)
    except TypeError:
        return None
    return record if record.state in get_args(JobState) else None
