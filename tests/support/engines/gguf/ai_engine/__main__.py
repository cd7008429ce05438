"""Stands for the Python engine with a GGUF file, with the standard library only.

A file that begins with `GGUF` is served: the answer to any POST says which it is. One that begins with
`ABORT` ends the process as an assertion of llama.cpp does; any other is refused.
"""

import http.server
import json
import os
import signal
import socketserver
import sys
import threading

PATH = os.environ.get("AI_ENGINE_MODEL_PATH", "")
NAME = os.environ.get("AI_ENGINE_MODEL_NAME", "")


def load() -> None:
    print(f"loading {PATH}", file=sys.stderr, flush=True)
    with open(PATH, "rb") as file:
        start = file.read(5)
    if start == b"ABORT":
        print("GGML_ASSERT(n_ctx > 0) failed", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGABRT)
    if not start.startswith(b"GGUF"):
        sys.exit(f"cannot load {PATH}: its magic is not GGUF")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/health" else 404, {"status": "ok"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/stop":
            return self.answer(404, {})
        self.answer(200, {"path": PATH, "name": NAME, "asked": json.loads(body)})

    def answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


if PATH:
    load()
server = Server(os.environ["AI_ENGINE_SOCKET"], Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
