"""An engine for tests of limits. Inputs tell what it was given:

    facts      user, groups, niceness, folder, umask, names of its variables, as JSON
    env NAME   the value of NAME
    eat N      takes N bytes more, touches them, and goes on
    escape     the pid of a child that has shed session, group and environment
"""

import http.server
import json
import os
import signal
import socketserver
import time

SOCKET = os.environ["AI_ENGINE_SOCKET"]
eaten = []


def facts():
    umask = os.umask(0)
    os.umask(umask)
    where = os.stat(os.path.dirname(SOCKET))
    return json.dumps(
        {
            "uid": os.getuid(),
            "groups": sorted({os.getgid(), *os.getgroups()}),
            "nice": os.nice(0),
            "cwd": os.getcwd(),
            "umask": umask,
            "names": sorted(os.environ),
            "home": os.environ.get("HOME"),
            "socketDir": [where.st_uid, where.st_mode & 0o777],
            "leads": os.getsid(0) == os.getpid() == os.getpgrp(),
        }
    )


def escape():
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.execve("/bin/sleep", ["sleep", "1000"], {})
    while b"sleep" not in open(f"/proc/{pid}/cmdline", "rb").read():
        time.sleep(0.001)
    return str(pid)


def obey(text):
    match text.split():
        case ["facts"]:
            return facts()
        case ["env", name]:
            return os.environ.get(name, "")
        case ["eat", size]:
            eaten.append(b"x" * int(size))
        case ["escape"]:
            return escape()
    return "done"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"status": "ok"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/stop":
            self.answer({"status": "stopping"})
            os._exit(0)
        text = json.loads(body)["input"]
        self.answer({"input": text, "message": obey(text), "count": 1, "timestamp": 0})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def address_string(self):
        return "supervisor"

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, signal.SIG_DFL)
with socketserver.ThreadingUnixStreamServer(SOCKET, Handler) as server:
    server.serve_forever()
