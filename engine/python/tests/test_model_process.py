"""Models in the real process: what ends it, and what ends with it."""

import json
import resource
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.gguf_files import box_spec, changed, tiny_llama_bytes, written
from tests.process import (
    PATIENCE_S,
    Engine,
    UnixConnection,
    children_of,
    dial,
    engine,
    read_to_end,
)

STREAM = {"prompt": "the", "max_tokens": 7000, "stream": True, "ignore_eos": True}


@contextmanager
def llama(directory: Path, context: int = 512) -> Iterator[Engine]:
    path = written(directory, "tiny.gguf", tiny_llama_bytes(context))
    environment = {"AI_ENGINE_MODEL_PATH": str(path), "AI_ENGINE_MODEL_NAME": "nonsense"}
    with engine(directory / "engine.sock", environment=environment, says=["loading"]) as running:
        wait_until_healthy(running)
        yield running


def wait_until_healthy(running: Engine) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while (health := running.ask("GET", "/health")) != (200, {"status": "ok"}):
        assert health == (503, {"status": "loading"})
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_until_quiet(running: Engine) -> None:
    deadline = time.monotonic() + 4 * PATIENCE_S  # where others work too, llama.cpp is slow
    while running.ask("GET", "/status")[1]["busy"]:
        assert time.monotonic() < deadline, "it is still busy"
        time.sleep(0.01)


def post(running: Engine, path: str, **members: object) -> tuple[int, Any]:
    return running.ask("POST", path, json.dumps(members).encode())


def test_a_gguf_is_loaded_before_it_is_ready_and_chats(tmp_path: Path) -> None:
    with llama(tmp_path) as running:
        [model] = running.ask("GET", "/status")[1]["models"]
        assert (model["name"], model["state"], model["kind"]) == ("nonsense", "loaded", "generate")
        messages = [{"role": "user", "content": "hello"}]
        status, answer = post(running, "/v1/chat/completions", messages=messages, max_tokens=4)
        assert (status, answer["model"]) == (200, "nonsense")
        assert running.ask("POST", "/stop")[0] == 200
        assert running.wait() == 0
        assert running.output()["out"].endswith("stopped after 0 inputs\n")
        assert not (tmp_path / "engine.sock").exists()


def test_nothing_of_it_listens_on_a_network_or_has_a_file(tmp_path: Path) -> None:
    with llama(tmp_path) as running:
        assert {one.name for one in tmp_path.iterdir()} == {"tiny.gguf", "engine.sock"}
        [process] = children_of(running)
        mine = {
            link.readlink().name
            for pid in (running.process.pid, process)
            for link in Path(f"/proc/{pid}/fd").iterdir()
            if link.is_symlink() and "socket:" in str(link.readlink())
        }
        for table in ("tcp", "tcp6", "udp", "udp6"):
            rows = Path(f"/proc/{running.process.pid}/net/{table}").read_text().splitlines()[1:]
            assert not [row for row in rows if f"socket:[{row.split()[9]}]" in mine]


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_what_it_asked_for(tmp_path: Path, stream: bool) -> None:
    with llama(tmp_path, context=8192) as running:
        with dial(running.path) as connection:
            body = json.dumps({**STREAM, "stream": stream}).encode()
            head = (
                f"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            connection.sendall(head.encode() + body)
            if stream:
                assert connection.recv(12) == b"HTTP/1.1 200"
            else:
                while not running.ask("GET", "/status")[1]["busy"]:
                    pass
        wait_until_quiet(running)
        # Whole it would have been 7000 tokens, and counted.
        assert 'ai_engine_tokens_total{kind="completion"}' not in metrics(running)


def metrics(running: Engine) -> str:
    connection = UnixConnection(running.path)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_a_client_that_does_not_read_holds_up_nobody(tmp_path: Path) -> None:
    with llama(tmp_path, context=8192) as running, dial(running.path) as slow:
        body = json.dumps({**STREAM, "max_tokens": 500}).encode()
        head = f"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        slow.sendall(head.encode() + body)
        status, answer = post(running, "/v1/completions", prompt="the", max_tokens=5)
        assert (status, len(answer["choices"])) == (200, 1)
        wait_until_quiet(running)
        slow.settimeout(PATIENCE_S)
        received = b""
        while not received.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n"):
            part = slow.recv(65_536)
            assert part
            received += part


def test_a_stop_lets_a_stream_end_and_a_second_signal_cuts_it(tmp_path: Path) -> None:
    with llama(tmp_path, context=8192) as running, dial(running.path) as connection:
        body = json.dumps({**STREAM, "max_tokens": 100}).encode()
        head = f"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        assert connection.recv(12) == b"HTTP/1.1 200"
        running.ask("POST", "/stop")
        assert b"data: [DONE]\n\n" in read_to_end(connection)
        assert running.wait() == 0
    with llama(tmp_path, context=8192) as running, dial(running.path) as connection:
        body = json.dumps(STREAM).encode()
        head = f"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        assert connection.recv(12) == b"HTTP/1.1 200"
        running.process.terminate()
        time.sleep(0.05)
        running.process.terminate()
        assert running.wait() in (0, 1)
        read_to_end(connection)


BAD = {
    "a text": (b"hello, this is no model at all", "it is no GGUF"),
    "cut off": (tiny_llama_bytes()[:300_000], "llama.cpp refuses it"),
    "no context": (
        changed(tiny_llama_bytes(), b"llama.context_length", struct.pack("<I", 0)),
        "llama.context_length is 0",
    ),
    "epsilon NaN": (
        changed(tiny_llama_bytes(), b"layer_norm_rms_epsilon", struct.pack("<f", float("nan"))),
        "llama.attention.layer_norm_rms_epsilon is nan",
    ),
    "too many tensors": (
        tiny_llama_bytes()[:8] + b"\xff" * 7 + b"\x0f" + tiny_llama_bytes()[16:],
        "llama.cpp refuses it",
    ),
}


def start_refused(directory: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    socket = directory / "engine.sock"
    return subprocess.run(
        [sys.executable, "-m", "ai_engine"],
        env={"AI_ENGINE_SOCKET": str(socket), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_refused_ends_the_start_with_the_reason_last(
    tmp_path: Path, kind: str
) -> None:
    data, reason = BAD[kind]
    path = written(tmp_path, "bad.gguf", data)
    done = start_refused(tmp_path, AI_ENGINE_MODEL_PATH=str(path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"cannot load {path}: {reason}"
    assert not (tmp_path / "engine.sock").exists()


def test_a_file_that_makes_llama_cpp_abort_ends_the_start_with_its_words_and_the_reason(
    tmp_path: Path,
) -> None:
    data = changed(tiny_llama_bytes(), b"layer_norm_rms_epsilon", struct.pack("<f", -1.0))
    path = written(tmp_path, "bad.gguf", data)
    done = start_refused(tmp_path, AI_ENGINE_MODEL_PATH=str(path))
    assert done.returncode == 1
    assert f"loading {path}\n" in done.stdout
    *_, words, reason = done.stderr.splitlines()
    assert "GGML_ASSERT" in words
    assert reason == f"cannot load {path}: llama.cpp's process was ended by SIGABRT"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    done = start_refused(tmp_path, AI_ENGINE_MODEL_PATH=str(tmp_path / "none.gguf"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("none.gguf: No such file or directory")


@pytest.mark.parametrize(
    ("name", "value"),
    [("AI_ENGINE_MODEL_CONTEXT", "many"), ("AI_ENGINE_MODEL_IDLE_TIMEOUT", "nan")],
)
def test_a_setting_that_makes_no_sense_is_told(tmp_path: Path, name: str, value: str) -> None:
    done = start_refused(tmp_path, AI_ENGINE_MODEL_PATH="/x.gguf", **{name: value})
    assert done.returncode == 2
    assert name in done.stderr


def test_a_model_may_vanish_from_disk_while_it_is_loaded(tmp_path: Path) -> None:
    box = box_spec()
    assert box.vocabulary is not None
    for source in (box.path, box.vocabulary):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    environment = {"AI_ENGINE_MODEL_DIR": str(tmp_path)}
    with engine(tmp_path / "engine.sock", environment=environment) as running:
        assert post(running, "/v1/embeddings", input="a")[0] == 200
        (tmp_path / box.path.name).unlink()
        assert post(running, "/v1/embeddings", input="b")[0] == 200
        assert post(running, f"/models/{box.name}/unload")[0] == 200
        status, answer = post(running, "/v1/embeddings", input="c")
        assert (status, answer["error"]["code"]) == (503, "model_load_failed")
        assert "No such file" in answer["error"]["message"]
        assert running.ask("GET", "/health")[0] == 200


def test_memory_that_does_not_suffice_fails_the_request_and_nothing_else(
    tmp_path: Path,
) -> None:
    box = box_spec()
    with engine(tmp_path / "engine.sock") as running:
        unlimited = resource.prlimit(running.process.pid, resource.RLIMIT_AS)
        limited = (200 << 20, unlimited[1])
        resource.prlimit(running.process.pid, resource.RLIMIT_AS, limited)
        status, answer = post(running, "/v1/embeddings", input="a", model=box.name)
        assert (status, answer["error"]["code"]) == (503, "model_load_failed")
        assert running.ask("GET", "/health")[0] == 200
        resource.prlimit(running.process.pid, resource.RLIMIT_AS, unlimited)
        assert post(running, "/v1/embeddings", input="a", model=box.name)[0] == 200


def test_a_stop_during_a_load_ends_it_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "tiny.gguf", tiny_llama_bytes())
    environment = {"AI_ENGINE_MODEL_PATH": str(path)}
    with engine(tmp_path / "engine.sock", environment=environment, says=["loading"]) as running:
        assert running.ask("POST", "/stop")[0] == 200
        assert running.wait() == 0
        assert list(tmp_path.iterdir()) == [path]


def test_32_mib_are_read_and_more_is_refused(tmp_path: Path) -> None:
    with engine(tmp_path / "engine.sock") as running:
        size = 32 << 20
        words = b"word " * (size // 5)
        body = b'{"input":"' + words[: size - 12] + b'"}'
        assert running.ask("POST", "/v1/embeddings", body)[0] == 200
        assert running.ask("POST", "/v1/embeddings", body + b" ")[0] == 413
