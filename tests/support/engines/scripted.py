"""An engine for tests, made of the standard library only, that misbehaves as it is told.

Before it listens the words of E2E_SCRIPT say what it does:

    exit=N      prints two lines and exits with N
    flood=N     prints N bytes without a newline
    gate=FILE   waits until FILE is in XDG_RUNTIME_DIR
    deaf        never listens
    mute        listens and never answers
    health=N    answers GET /health with N
    bare        has only /health: 404 for everything else
    status=N    answers GET /status with N
    stays       answers POST /stop and stays; ignores SIGTERM
    child       starts a child that holds the pipes and ignores SIGTERM

Afterwards inputs do; the result is the message of the answer:

    env NAME         the value of NAME in its environment
    umask            its umask
    pid              its process id
    exit N           exits with N, without an answer
    wait FILE        answers when FILE is in XDG_RUNTIME_DIR
    child [session]  the pid of a child like the one above; in a session of its own
    become N         makes the user N of itself
    unsaid [dies]    an answer without a length; it ends with the connection, or with the process
    spell FILE …     plain text, the first word at once, the others when FILE is in XDG_RUNTIME_DIR
    names            its traceparent, tracestate and x-request-id, printed too
    orphan           the pid of a grandchild that has exited and that nobody has reaped
    anything else    `You said: …`
"""

import http.server
import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time

SOCKET = os.environ["AI_ENGINE_SOCKET"]
PLACE = os.environ.get("XDG_RUNTIME_DIR", "/tmp")
WORDS = dict(word.partition("=")[::2] for word in os.environ.get("E2E_SCRIPT", "").split())


def say(line):
    """In one write, so that a child's line does not get into it."""
    os.write(1, f"{line}\n".encode())


def wait_for(name):
    say(f"waiting for {name}")
    while not os.path.exists(os.path.join(PLACE, name)):
        time.sleep(0.005)


def start_child(own_session):
    child = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo child is there; exec sleep 1000"],
        start_new_session=own_session,
        stdin=subprocess.DEVNULL,
    )
    return child.pid


def make_orphan():
    """The grandchild's parent is gone, so the grandchild is PID 1's to reap."""
    read_end, write_end = os.pipe()
    if (parent := os.fork()) == 0:
        if os.fork() == 0:
            os.write(write_end, str(os.getpid()).encode())
        os._exit(0)
    os.waitpid(parent, 0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        return pipe.read()


def umask():
    before = os.umask(0)
    os.umask(before)
    return f"{before:04o}"


def obey(text):
    match text.split():
        case ["env", name]:
            return os.environ.get(name, "")
        case ["umask"]:
            return umask()
        case ["pid"]:
            return str(os.getpid())
        case ["exit", code]:
            say("exiting as told")
            os._exit(int(code))
        case ["wait", name]:
            wait_for(name)
            return "waited"
        case ["child", *where]:
            return str(start_child(where == ["session"]))
        case ["become", uid]:
            os.setresuid(int(uid), int(uid), int(uid))
            return "became"
        case ["orphan"]:
            return make_orphan()
    return f"You said: {text}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answered = 0

    def do_GET(self):
        if self.path == "/health":
            self.answer(int(WORDS.get("health", 200)), {"status": "ok"})
        elif self.path == "/status" and "bare" not in WORDS:
            status = {"status": "running", "count": Handler.answered, "busy": False, "models": []}
            self.answer(int(WORDS.get("status", 200)), status)
        else:
            self.refuse()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "bare" in WORDS or self.path not in ("/input", "/stop"):
            self.refuse()
        elif self.path == "/stop":
            self.answer(200, {"status": "stopping"})
            if "stays" not in WORDS:
                leave()
        else:
            text = json.loads(body)["input"]
            if text.startswith("unsaid"):
                self.answer_without_length(dies=text.endswith("dies"))
                return
            if text.startswith("spell "):
                self.spell(*text.split()[1:])
                return
            message = self.names() if text == "names" else obey(text)
            Handler.answered += 1
            count = Handler.answered
            self.answer(200, {"input": text, "message": message, "count": count, "timestamp": 0})

    def names(self):
        fields = ("traceparent", "tracestate", "x-request-id")
        told = " ".join(self.headers.get(name, "-") for name in fields)
        say(f"works for {told}")
        return told

    def refuse(self):
        say(f"no such path: {self.command} {self.path}")
        self.answer(404, {"error": "the engine has no such path"})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def answer_without_length(self, dies):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"so far")
        self.wfile.flush()
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        self.close_connection = True

    def spell(self, name, first, *others):
        self.send_response(200)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.chunk(first)
        wait_for(name)
        for word in others:
            self.chunk(f" {word}")
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, text):
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def address_string(self):
        return "supervisor"

    def log_message(self, *_):
        pass


class MuteHandler(socketserver.BaseRequestHandler):
    def handle(self):
        while self.request.recv(4096):
            pass


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


def leave():
    os.unlink(SOCKET)
    os._exit(0)


def leave_with_supervisor():
    """End-of-file on standard input: the supervisor is gone."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def main():
    threading.Thread(target=leave_with_supervisor, daemon=True).start()
    if "stays" in WORDS:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "child" in WORDS:
        start_child(False)
    if "flood" in WORDS:
        print("x" * int(WORDS["flood"]), end="", flush=True)
    if "exit" in WORDS:
        say("the model file is missing")
        print("giving up", file=sys.stderr, flush=True)
        sys.exit(int(WORDS["exit"]))
    if "gate" in WORDS:
        wait_for(WORDS["gate"])
    if "deaf" in WORDS:
        say("not listening")
        signal.pause()
    with Server(SOCKET, MuteHandler if "mute" in WORDS else Handler) as server:
        say("listening")
        server.serve_forever()


main()
