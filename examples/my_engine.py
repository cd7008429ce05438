import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer


def answer(text: str) -> str:
    return f"You said: {text}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send(200 if self.path == "/health" else 404, {"status": "ok"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/input":
            return self.send(404, {"error": "not found"})
        text = json.loads(body)["input"]
        self.send(200, {"input": text, "message": answer(text)})

    def send(self, status: int, content: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


server = Server(os.environ["AI_ENGINE_SOCKET"], Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()  # Ends when the supervisor is gone.
