"""The files of jobs: ``ID.json`` with the record, ``ID.jsonl`` with the results.

Several engines may share the directory. Who works on a job holds a lock on its results, which the
kernel frees with the process.
"""

import fcntl
import json
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from ai_engine.jobs.record import JobRecord, record_of

KEPT_S: Final = 24 * 3600.0
"""How long an ended job is kept."""

ID: Final = re.compile(r"[0-9a-f]{16}")


class JobStore:
    """Jobs on disk. All methods wait for the disk."""

    def __init__(self, directory: Path, wall: Callable[[], float]) -> None:
        self._directory = directory
        self._wall = wall

    def begin(self, record: JobRecord) -> BinaryIO:
        """Write the record and open the file of its results, which is ours from now on."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.results(record.id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = os.fdopen(descriptor, "wb")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self.save(record)
        except BaseException:
            file.close()
            self.remove(record.id)
            raise
        return file

    def save(self, record: JobRecord) -> None:
        """Put the record in place of the one before, whole or not at all."""
        path = self._record(record.id)
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(record.to_json(), file)
        fresh.replace(path)

    def find(self, job_id: str) -> JobRecord | None:
        """Return the record of a job, whichever engine it is of."""
        if ID.fullmatch(job_id) is None:
            return None
        record = self._read(job_id)
        if record is None or not record.is_unfinished or self._is_held(job_id):
            return record
        # Its last word is written before the lock goes, so it is there by now.
        record = self._read(job_id)
        if record is not None and record.is_unfinished:
            record.state = "interrupted"
        return record

    def all(self) -> list[JobRecord]:
        """Return the records of all jobs, the newest first."""
        found = [self.find(path.stem) for path in self._directory.glob("*.json")]
        return sorted((one for one in found if one), key=lambda one: one.created, reverse=True)

    def results(self, job_id: str) -> Path:
        """Return where the results of a job are."""
        return self._directory / f"{job_id}.jsonl"

    def ask_cancel(self, job_id: str) -> None:
        """Leave word for whoever works on it."""
        self._cancel(job_id).touch(mode=0o600)

    def is_cancelled(self, job_id: str) -> bool:
        """Whether somebody has left word."""
        return self._cancel(job_id).exists()

    def remove(self, job_id: str) -> None:
        """Remove all that is of a job."""
        record = self._record(job_id)
        fresh = record.with_suffix(".new")
        for path in (record, fresh, self.results(job_id), self._cancel(job_id)):
            with suppress(FileNotFoundError):
                path.unlink()

    def sweep(self) -> None:
        """Remove what ended a day ago."""
        for record in self.all():
            ended = record.ended if record.ended is not None else record.created
            if not record.is_unfinished and self._wall() - ended > KEPT_S:
                self.remove(record.id)

    def _read(self, job_id: str) -> JobRecord | None:
        try:
            return record_of(json.loads(self._record(job_id).read_text()))
        except (OSError, ValueError):
            return None

    def _is_held(self, job_id: str) -> bool:
        try:
            with self.results(job_id).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _record(self, job_id: str) -> Path:
        return self._directory / f"{job_id}.json"

    def _cancel(self, job_id: str) -> Path:
        return self._directory / f"{job_id}.cancel"


def new_id() -> str:
    """Return a name that no other job has, and that nobody guesses."""
    return secrets.token_hex(8)
