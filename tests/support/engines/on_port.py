"""An engine for tests on a port of 127.0.0.1: answers every request with the fields it came with, as JSON.

`on_port.py PORT [TOKEN] [no-health] [says-ready] [mute] [port-file=PATH]`
"""

import http.server
import json
import os
import sys

port, *words = sys.argv[1:]
if "mute" in words:
    sys.stdin.read()
    sys.exit(0)
token = next((word[6:] for word in words if word.startswith("token=")), None)


class Mirror(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        fields = [[name.lower(), value] for name, value in self.headers.items()]
        allowed = token is None or self.headers.get("Authorization") == f"Bearer {token}"
        status = 200 if allowed else 401
        if self.path in ("/stop", "/status") or ("no-health" in words and self.path == "/health"):
            status = 404
        body = json.dumps(
            {"target": self.path, "fields": fields, "port": os.environ.get("AI_ENGINE_PORT")}
        ).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Mirror)
server.daemon_threads = True
if "says-ready" in words:
    print("model loaded in 0.1 s", flush=True)
server.serve_forever()
