"""An engine for tests, made of the standard library only, that answers as OpenAI's API does.

The last message of a chat says what is to be done with it:

    refuse     the engine's own 400
    slow       no answer before GATE is in XDG_RUNTIME_DIR
    endless    a stream that ends with its client
    count      a stream of 0, 1, 2 … that ends when GATE is in XDG_RUNTIME_DIR
    die        the process ends without an answer
    anything   `You said: …`, in a stream word by word

What is in E2E_METRICS it answers to GET /metrics.

The line `asked MODEL` is printed for each request, `left` for a client that goes away.
"""

import base64
import http.server
import json
import os
import socketserver
import struct
import threading
import time

SOCKET = os.environ["AI_ENGINE_SOCKET"]
GATE = os.path.join(os.environ.get("XDG_RUNTIME_DIR", "/tmp"), "GATE")

METRICS = os.environ.get("E2E_METRICS")


def say(line):
    os.write(1, f"{line}\n".encode())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        elif self.path == "/metrics" and METRICS is not None:
            self.send("text/plain; version=0.0.4", METRICS.encode())
        else:
            self.answer(404, {"error": "the engine has no such path"})

    def do_POST(self):
        body = self.read_body()
        try:
            if self.path == "/v1/audio/transcriptions":
                self.answer(200, {"text": f"{len(body)} bytes"})
            elif self.path == "/v1/embeddings":
                self.embed(json.loads(body))
            elif self.path == "/v1/chat/completions":
                self.chat(json.loads(body))
            else:
                self.answer(404, {"error": "the engine has no such path"})
        except OSError:
            say("left")
            self.close_connection = True

    def read_body(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def embed(self, request):
        say(f"asked {request['model']}")
        texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
        vectors = [[float(len(text)), 0.5, -1.0] for text in texts]
        if request.get("encoding_format") == "base64":
            vectors = [base64.b64encode(struct.pack("<3f", *one)).decode() for one in vectors]
        data = [
            {"object": "embedding", "index": index, "embedding": vector}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        self.answer(200, {"object": "list", "data": data, "model": request["model"], "usage": usage})

    def chat(self, request):
        say(f"asked {request['model']}")
        text = request["messages"][-1]["content"]
        if text == "refuse":
            error = {"message": "The engine says no.", "type": "invalid_request_error"}
            self.answer(400, {"error": {**error, "param": "messages", "code": "engine_no"}})
        elif text == "die":
            os._exit(3)
        elif request.get("stream"):
            self.stream(request["model"], text)
        else:
            while text == "slow" and not os.path.exists(GATE):
                time.sleep(0.005)
            message = {"role": "assistant", "content": f"You said: {text}"}
            choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
            usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
            made = {"id": "c1", "object": "chat.completion", "created": 1}
            self.answer(
                200, {**made, "model": request["model"], "choices": [choice], "usage": usage}
            )

    def stream(self, model, text):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        if text == "count":
            self.count(model)
        words = [] if text == "count" else f"You said: {text}".split(" ")
        while words:
            self.event(model, {"content": words.pop(0) + (" " if words else "")}, None)
            if text == "endless" and not words:
                words = ["more"]
                time.sleep(0.005)
        self.event(model, {}, "stop")
        self.chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def count(self, model):
        number = 0
        while not os.path.exists(GATE):
            self.event(model, {"content": f"{number} "}, None)
            number += 1
            time.sleep(0.02)

    def event(self, model, delta, finish):
        made = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": model}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.chunk(f"data: {json.dumps({**made, 'choices': [choice]})}\n\n".encode())

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def answer(self, status, value):
        self.send("application/json", json.dumps(value).encode(), status)

    def send(self, content_type, body, status=200):
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def address_string(self):
        return "supervisor"

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


def leave_with_supervisor():
    """End-of-file on standard input: the supervisor is gone."""
    while os.read(0, 4096):
        pass
    os._exit(0)


threading.Thread(target=leave_with_supervisor, daemon=True).start()
with Server(SOCKET, Handler) as server:
    say("listening")
    server.serve_forever()
