"""An engine for tests: answers every request with the fields it came with, as JSON; ends when asked to."""

import http.server
import json
import os
import socketserver

SOCKET = os.environ["AI_ENGINE_SOCKET"]


class Mirror(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length", "0"))
        self.rfile.read(length)
        fields = [[name.lower(), value] for name, value in self.headers.items()]
        body = json.dumps({"target": self.path, "fields": fields}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/stop":
            self.wfile.flush()
            os._exit(0)

    do_GET = do_POST = answer

    def address_string(self):
        return "unix"

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


Server(SOCKET, Mirror).serve_forever()
