"""An engine for tests that never ends by itself: it ignores SIGTERM and the end of its standard input.

The words of E2E_SCRIPT say what it is besides:

    child     has a child that holds the pipes
    session   has a grandchild in a session of its own
    shed      has a child in a group of its own, without any environment
    escaped   has a child in a session of its own, without any environment
    runaway   has grandchildren in a session of their own, each for 3 ms, one after the other
    onefile   serves in a child that it waits for, as a one-file program of PyInstaller's
    starting  never listens

It prints `family: PID …`, all of its processes, when they are there.
"""

import fcntl
import os
import signal
import socket
import sys
import time

WORDS = os.environ.get("E2E_SCRIPT", "").split()
RUNAWAY_LIFE_S = 0.003
RUNAWAY_LIMIT_S = 60
family = [os.getpid()]


def stay():
    while True:
        time.sleep(1000)


def fork_and(leave):
    """A child that does `leave` and stays; it is known once it has done it."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        leave()
        os.write(write_end, b"x")
        stay()
    os.read(read_end, 1)
    family.append(pid)


def shed():
    """Becomes another program in another group: only the session is kept."""
    os.setpgid(0, 0)
    if os.fork() == 0:
        os.execve("/bin/sleep", ["sleep", "1000"], {})


def escape():
    """Becomes another program in another session: nothing is kept but the parent."""
    os.setsid()
    os.execve("/bin/sleep", ["sleep", "1000"], {})


def run_away():
    """
    Leaves a session in which no process lives long: a signal to one that was seen is too late. As long
    as it goes on it holds a lock.
    """
    lock = open(os.path.join(os.environ["XDG_RUNTIME_DIR"], "runaway.lock"), "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        # A test that failed leaves nothing that goes on for ever.
        end = time.monotonic() + RUNAWAY_LIMIT_S
        while time.monotonic() < end and os.fork() == 0:
            time.sleep(RUNAWAY_LIFE_S)
        os._exit(0)
    lock.close()
    os.waitpid(pid, 0)
    family.append(pid)


def serve():
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.environ["AI_ENGINE_SOCKET"])
        listener.listen()
        print("family:", *family, flush=True)
        while True:
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


for name in ("SIGTERM", "SIGINT", "SIGHUP"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
if "child" in WORDS:
    fork_and(lambda: None)
if "session" in WORDS:
    fork_and(os.setsid)
if "shed" in WORDS:
    fork_and(shed)
if "escaped" in WORDS:
    pid = os.fork()
    if pid == 0:
        escape()
    family.append(pid)
    # It has no group and no environment of ours once it is that other program.
    while b"sleep" not in open(f"/proc/{pid}/cmdline", "rb").read():
        time.sleep(0.001)
if "runaway" in WORDS:
    run_away()
if "starting" in WORDS:
    print("family:", *family, flush=True)
    stay()
if "onefile" in WORDS and (child := os.fork()):
    os.waitpid(child, 0)
    sys.exit(0)
elif "onefile" in WORDS:
    family.append(os.getpid())
serve()
