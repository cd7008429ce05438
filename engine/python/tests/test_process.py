import json
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.process import Engine, begin_input, dial, engine, read_to_end, wait_until_gone

HELLO = b'{"input":"hello"}'

ENDS: dict[str, Callable[[Engine], object]] = {
    "stop": lambda running: running.ask("POST", "/stop"),
    "SIGTERM": lambda running: running.process.send_signal(signal.SIGTERM),
    "SIGINT": lambda running: running.process.send_signal(signal.SIGINT),
    "end of stdin": lambda running: running.close_stdin(),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.sock"


def test_it_answers_over_its_socket(path: Path) -> None:
    with engine(path) as running:
        assert running.ask("GET", "/health") == (200, {"status": "ok"})
        status, answer = running.ask("POST", "/input", HELLO)
        assert (status, answer["message"], answer["count"]) == (200, "You said: hello", 1)
        assert running.ask("POST", "/input", b"no")[0] == 400
        assert running.ask("POST", "/input", b"")[0] == 422
        assert running.ask("POST", "/input", b"a" * (1 << 20 | 1))[0] == 413
        assert running.ask("GET", "/nothing")[0] == 404
        assert running.ask("PUT", "/health")[0] == 405
        assert running.ask("GET", "/status")[1]["count"] == 1


def test_inputs_side_by_side_are_all_counted_once(path: Path) -> None:
    with engine(path) as running, ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda _: running.ask("POST", "/input", HELLO), range(200))
        assert sorted(answer["count"] for _, answer in answers) == list(range(1, 201))


def test_many_requests_pass_over_one_connection(path: Path) -> None:
    with engine(path), dial(path) as connection:
        reader = connection.makefile("rb")
        for count in range(1, 51):
            head = f"POST /input HTTP/1.1\r\nHost: x\r\nContent-Length: {len(HELLO)}\r\n\r\n"
            connection.sendall(head.encode() + HELLO)
            length = 0
            while (line := reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert json.loads(reader.read(length))["count"] == count


def test_only_its_user_may_connect(path: Path) -> None:
    with engine(path):
        mode = path.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("end", ENDS)
def test_each_end_exits_0_without_a_socket_file_or_noise(path: Path, end: str) -> None:
    with engine(path) as running, dial(path), dial(path) as kept:
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert kept.recv(12) == b"HTTP/1.1 200"
        ENDS[end](running)
        assert running.wait() == 0
        assert not path.exists()
        assert running.output() == {"out": "stopped after 0 inputs\n", "err": ""}


@pytest.mark.parametrize("end", ENDS)
def test_an_input_in_flight_is_answered_before_the_end(path: Path, end: str) -> None:
    with engine(path) as running, begin_input(path, HELLO) as connection:
        ENDS[end](running)
        wait_until_gone(path)
        connection.sendall(HELLO[1:])
        assert b'"message":"You said: hello"' in read_to_end(connection)
        assert running.wait() == 0
        assert running.output()["err"] == ""


def test_a_second_signal_ends_what_is_in_flight(path: Path) -> None:
    with engine(path) as running, begin_input(path, HELLO) as connection:
        running.process.send_signal(signal.SIGTERM)
        wait_until_gone(path)
        running.process.send_signal(signal.SIGTERM)
        assert running.wait() == 1
        assert read_to_end(connection) == b""


def test_without_a_supervisor_nothing_in_flight_holds_it(path: Path) -> None:
    with engine(path) as running, begin_input(path, HELLO):
        running.close_stdin()
        assert running.wait() == 1
        assert not path.exists()


def test_an_output_that_nobody_reads_does_not_keep_it(path: Path) -> None:
    with engine(path) as running:
        assert running.process.stdout is not None
        assert running.process.stderr is not None
        running.process.stdout.close()
        running.process.stderr.close()
        running.close_stdin()
        assert running.wait() == 0
        assert not path.exists()


def test_a_stdin_that_is_no_pipe_is_not_watched(path: Path) -> None:
    with engine(path, stdin=subprocess.DEVNULL) as running:
        assert running.ask("GET", "/health")[0] == 200
        running.ask("POST", "/stop")
        assert running.wait() == 0


def test_bytes_on_stdin_mean_nothing(path: Path) -> None:
    with engine(path) as running:
        assert running.process.stdin is not None
        running.process.stdin.write(b"hello" * 10_000)
        running.process.stdin.flush()
        assert running.ask("GET", "/health")[0] == 200


def test_an_early_answer_leaves_no_connection_behind(path: Path) -> None:
    """Hypercorn alone would block for ever on a body that nobody reads."""
    with engine(path) as running, dial(path) as connection:
        size = 4 << 20
        head = f"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
        connection.sendall(head.encode() + bytes(size))
        assert connection.recv(12) == b"HTTP/1.1 413"
        running.ask("POST", "/stop")
        assert running.wait() == 0


def test_a_socket_file_of_a_dead_engine_is_replaced(path: Path) -> None:
    with engine(path) as running:
        running.process.kill()
        running.wait()
        assert path.exists()
    with engine(path) as running:
        assert running.ask("GET", "/health")[0] == 200


def refused(path: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ai_engine"],
        env={"AI_ENGINE_SOCKET": path} if path else {},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stderr.decode()


def test_a_path_that_another_listens_on_is_left_alone(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        code, line = refused(str(path))
        assert (code, line) == (1, f"cannot listen on {path}: another process listens on it\n")
        assert path.exists()


def test_a_path_that_is_no_socket_is_left_alone(path: Path) -> None:
    path.write_text("precious")
    assert refused(str(path))[0] == 1
    assert path.read_text() == "precious"


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere.sock")
    assert refused(str(path))[0] == 1
    assert path.is_symlink()


def test_a_path_that_is_too_long_is_one_line(tmp_path: Path) -> None:
    code, line = refused(str(tmp_path / ("x" * 120)))
    assert code == 1
    assert line.endswith("AF_UNIX path too long\n")
    assert line.count("\n") == 1


def test_a_missing_variable_is_named() -> None:
    code, line = refused("")
    assert code == 2
    assert "AI_ENGINE_SOCKET" in line
