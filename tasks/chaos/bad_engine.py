#!/usr/bin/env python3
"""The engine of the chaos: it serves, and it is bad in one of eleven ways, or in none of them.

Each process draws its kind from a deck that the seed has shuffled, so that each kind comes once in as many
starts as there are kinds, and after any other one. It serves beside its badness: what it answers well
carries the field `chaos`.

    CHAOS_HOME   a directory; the file `starts` there gets a line for each process, its kind
    CHAOS_SEED   any text
    CHAOS_KINDS  the kinds in the deck, with commas
    CHAOS_DISK   the directory that is filled, on a small file system
"""

import contextlib
import fcntl
import json
import os
import random
import signal
import socket
import sys
import threading
import time

HOME = os.environ["CHAOS_HOME"]
KINDS = os.environ["CHAOS_KINDS"].split(",")
FILLER = os.path.join(os.environ.get("CHAOS_DISK", HOME), "filler")

MIB = 1 << 20
EATEN_BYTES = 200 * MIB
FORKED_LIMIT = 8
# What a flood prints in a second, about.
BURST = (b"a line of a flood\n" * 500 + b"\xff\x00\x1b[2J" * 2_000 + b"no end" * 5_000) * 8
BURST_PAUSE_S = 0.05


def draw():
    """The kind of this process, and its dice."""
    seed = os.environ["CHAOS_SEED"]
    with open(os.path.join(HOME, "starts"), "a+") as starts:
        fcntl.flock(starts, fcntl.LOCK_EX)
        starts.seek(0)
        number = sum(1 for _ in starts)
        deck, place = divmod(number, len(KINDS))
        kinds = list(KINDS)
        random.Random(f"{seed} deck {deck}").shuffle(kinds)
        starts.write(f"{kinds[place]}\n")
    return kinds[place], random.Random(f"{seed} start {number}")


def give_back():
    """The disk, which another engine may have done already."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(FILLER)


def later(work):
    threading.Thread(target=work, daemon=True).start()


def stay():
    while True:
        time.sleep(1_000)


def ignore_signals():
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGPIPE"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)


class Request:
    def __init__(self, method, target, body):
        self.method = method
        self.target = target
        self.body = body

    @property
    def is_control(self):
        return self.target in ("/health", "/status", "/stop")

    @classmethod
    def read(cls, stream):
        line = stream.readline().decode("latin-1").split(" ")
        if len(line) != 3:
            return None
        length = 0
        while (field := stream.readline().strip()) != b"":
            name, _, value = field.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return cls(line[0], line[1], stream.read(length))


class Engine:
    """Serves well. The kinds are subclasses; each changes what it has to."""

    def __init__(self, dice):
        self.dice = dice
        # So many requests go well before the worst.
        self.left = dice.randint(1, 12)
        self.answered = 0
        self.stop = dice.choice(["offered", "missing", "ignored"])

    def prepare(self):
        """Before it listens."""

    def listening(self):
        """Once it listens."""

    def worst(self, request, client):
        """A request that is not answered well."""

    def serve(self):
        self.prepare()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.environ["AI_ENGINE_SOCKET"])
            listener.listen(128)
            self.listening()
            while True:
                client, _ = listener.accept()
                later(lambda client=client: self.attend(client))

    def attend(self, client):
        with client, client.makefile("rb") as stream:
            try:
                while (request := Request.read(stream)) is not None:
                    self.meet(request, client)
            except (OSError, ValueError):
                pass  # the client has left

    def meet(self, request, client):
        if request.is_control:
            return self.control(request, client)
        self.left -= 1
        if self.left < 0:
            return self.worst(request, client)
        return self.work(request, client)

    def control(self, request, client):
        if request.target == "/health":
            return self.answer(client, b'{"status":"ok"}')
        if request.target == "/status":
            status = {"status": "running", "count": self.answered, "busy": False, "models": []}
            return self.answer(client, json.dumps(status).encode())
        if self.stop == "missing":
            return self.answer(client, b"{}", status=b"404 Not Found")
        self.answer(client, b'{"status":"stopping"}')
        if self.stop == "offered":
            os.unlink(os.environ["AI_ENGINE_SOCKET"])
            os._exit(0)

    def work(self, request, client):
        self.answered += 1
        self.answer(client, self.body_of(request), is_chunked=request.target.endswith("chunked"))

    def body_of(self, request):
        if request.target != "/input":
            return request.body
        text = json.loads(request.body)["input"]
        answer = {"input": text, "message": f"You said: {text}", "count": self.answered}
        return json.dumps({**answer, "timestamp": time.time()}).encode()

    def answer(self, client, body, status=b"200 OK", is_chunked=False):
        client.sendall(self.encode(body, status, is_chunked))

    @staticmethod
    def encode(body, status=b"200 OK", is_chunked=False):
        head = b"HTTP/1.1 " + status + b"\r\nChaos: well\r\nContent-Type: application/json\r\n"
        if is_chunked:
            half = len(body) // 2
            pieces = [piece for piece in (body[:half], body[half:]) if piece]
            chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
            return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Well(Engine):
    """Is bad in no way, and answers piece by piece what it is asked to."""

    def work(self, request, client):
        if not request.target.endswith("dripped"):
            return super().work(request, client)
        self.answered += 1
        answer = self.encode(self.body_of(request), is_chunked=True)
        step = len(answer) // 10 + 1
        for at in range(0, len(answer), step):
            client.sendall(answer[at : at + step])
            time.sleep(self.dice.random() / 2)

    def worst(self, request, client):
        return self.work(request, client)


class Exits(Engine):
    """Exits: at once, before an answer, within it, after it."""

    def prepare(self):
        if self.dice.random() < 0.3:
            print("the model file is missing", file=sys.stderr, flush=True)
            os._exit(self.dice.randrange(3))

    def worst(self, request, client):
        how = self.dice.choice(["before", "within", "after"])
        answer = self.encode(self.body_of(request))
        if how == "within":
            client.sendall(answer[: len(answer) - len(answer) // 3])
        elif how == "after":
            client.sendall(answer)
        os._exit(self.dice.randrange(3))


class Hangs(Engine):
    """Hangs: never listens, or answers nothing any more, its status included."""

    def prepare(self):
        if self.dice.random() < 0.2:
            stay()

    def worst(self, request, client):
        stay()

    def control(self, request, client):
        if self.left < 0:
            stay()
        return super().control(request, client)


class Floods(Engine):
    """Prints as fast as it is read, nearly, on both streams."""

    def listening(self):
        for descriptor in (1, 2):
            later(lambda descriptor=descriptor: self.flood(descriptor))

    @staticmethod
    def flood(descriptor):
        while True:
            for at in range(0, len(BURST), 65_536):
                os.write(descriptor, BURST[at : at + 65_536])
            time.sleep(BURST_PAUSE_S)

    def worst(self, request, client):
        return self.work(request, client)


class Forks(Engine):
    """Has children that hold the pipes and ignore signals; one has shed its group and environment."""

    def __init__(self, dice):
        super().__init__(dice)
        self.forked = 0

    def prepare(self):
        for _ in range(3):
            self.fork()
        if os.fork() == 0:
            os.setpgid(0, 0)
            ignore_signals()
            os.execve("/bin/sleep", ["sleep", "1000"], {})

    def fork(self):
        self.forked += 1
        if self.forked <= FORKED_LIMIT and os.fork() == 0:
            ignore_signals()
            stay()

    def worst(self, request, client):
        self.fork()
        return self.work(request, client)


class IgnoresSignals(Engine):
    """Ignores every signal that can be ignored, and what it is asked by /stop."""

    def prepare(self):
        ignore_signals()
        self.stop = "ignored"

    def worst(self, request, client):
        return self.work(request, client)


class AnswersGarbage(Engine):
    """Answers what is no HTTP, or contradicts itself, or ends too early, its status included."""

    GARBAGE = (
        b"\x00\xff\x16\x03\x01 garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefghij\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 99 Too small\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
    )

    def worst(self, request, client):
        if self.dice.random() < 0.3:
            return self.work(request, client)
        client.sendall(self.dice.choice(self.GARBAGE))
        client.shutdown(socket.SHUT_RDWR)
        raise OSError("the connection is over")

    def control(self, request, client):
        if self.left < 0 and self.dice.random() < 0.5:
            return self.worst(request, client)
        return super().control(request, client)


class FillsTheDisk(Engine):
    """Fills the small file system on which the supervisor writes its logs, and gives it back, again and again."""

    def listening(self):
        later(self.fill)

    def fill(self):
        while True:
            try:
                with open(FILLER, "ab", buffering=0) as filler:
                    while True:
                        filler.write(b"x" * 65_536)
            except OSError as error:
                print("the disk is full:", error, flush=True)
            for _ in range(20):
                print("a line for a log that can't be written", flush=True)
                time.sleep(0.1)
            give_back()
            time.sleep(1)

    def worst(self, request, client):
        return self.work(request, client)


class EatsMemory(Engine):
    """Takes 200 MiB in two seconds, and dies of it."""

    def listening(self):
        later(self.eat)

    @staticmethod
    def eat():
        eaten = []
        while len(eaten) * 10 * MIB < EATEN_BYTES:
            eaten.append(b"x" * (10 * MIB))
            time.sleep(0.1)
        print("out of memory", file=sys.stderr, flush=True)
        os._exit(137)

    def worst(self, request, client):
        return self.work(request, client)


class StopsItself(Engine):
    """Stops itself by SIGSTOP, before it listens or before an answer."""

    def prepare(self):
        if self.dice.random() < 0.2:
            os.kill(os.getpid(), signal.SIGSTOP)

    def worst(self, request, client):
        os.kill(os.getpid(), signal.SIGSTOP)
        return self.work(request, client)


class DoubleForks(Engine):
    """Has a grandchild in a session of its own; or that one serves, and the leader is gone."""

    def prepare(self):
        is_daemon = self.dice.random() < 0.4
        if os.fork() == 0:
            os.setsid()
            ignore_signals()
            if os.fork() != 0:
                os._exit(0)
            if not is_daemon:
                stay()
        elif is_daemon:
            time.sleep(self.dice.random() / 5)
            os._exit(0)

    def worst(self, request, client):
        return self.work(request, client)


class Slow(Engine):
    """Is late to listen, and answers in small pieces."""

    def prepare(self):
        time.sleep(self.dice.random() * 3)

    def answer(self, client, body, status=b"200 OK", is_chunked=False):
        answer = self.encode(body, status, is_chunked)
        time.sleep(self.dice.random() / 2)
        step = max(1, len(answer) // 10)
        for at in range(0, len(answer), step):
            client.sendall(answer[at : at + step])
            time.sleep(self.dice.random() / 10)

    def worst(self, request, client):
        return self.work(request, client)


ENGINES = {
    "well": Well,
    "exits": Exits,
    "hangs": Hangs,
    "floods": Floods,
    "forks": Forks,
    "ignores signals": IgnoresSignals,
    "answers garbage": AnswersGarbage,
    "fills the disk": FillsTheDisk,
    "eats memory": EatsMemory,
    "stops itself": StopsItself,
    "double-forks": DoubleForks,
    "slow": Slow,
}


def main():
    kind, dice = draw()
    give_back()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    ENGINES[kind](dice).serve()


main()
