/*
 * An engine that prints without end:
 *
 *   flood_engine LINES
 *
 * Listens on the Unix socket AI_ENGINE_SOCKET, answers every read with 200 and an empty JSON object, and
 * prints LINES lines of 80 bytes a second meanwhile, a fiftieth of them at a time, from a process of its
 * own; after `POST /stop` it removes its socket and exits.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST 1024
#define LINE 80
#define STEPS 50

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

static const char *path;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int listen_on(const char *socket_path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(socket_path) >= sizeof address.sun_path) exit(2);
  strcpy(address.sun_path, socket_path);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, 128) < 0) fail("listen");
  return listener;
}

/* Ends with its parent. Who does not read holds it up, and it does not catch up then. */
static void flood(long lines) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  static char text[1000000];
  size_t size = (size_t)(lines / STEPS) * LINE;
  if (size > sizeof text) exit(2);
  memset(text, '.', size);
  for (size_t end = LINE; end <= size; end += LINE) text[end - 1] = '\n';
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (;;) {
    for (size_t done = 0; done < size;) {
      ssize_t written = write(1, text + done, size - done);
      if (written < 0) exit(0);
      done += (size_t)written;
    }
    next.tv_nsec += 1000000000 / STEPS;
    if (next.tv_nsec >= 1000000000) {
      next.tv_nsec -= 1000000000;
      next.tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
}

/* Whether the connection goes on. */
static int answer(int fd) {
  char request[65536];
  ssize_t size = read(fd, request, sizeof request);
  if (size <= 0 || write(fd, ANSWER, sizeof ANSWER - 1) < 0) return 0;
  if (size >= 10 && memcmp(request, "POST /stop", 10) == 0) {
    unlink(path);
    exit(0);
  }
  return 1;
}

int main(int argc, char **argv) {
  path = getenv("AI_ENGINE_SOCKET");
  if (argc != 2 || path == NULL) return 2;
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) flood(atol(argv[1]));
  struct pollfd fds[MOST] = {{.fd = listen_on(path), .events = POLLIN}};
  nfds_t count = 1;
  for (;;) {
    if (poll(fds, count, -1) < 0) fail("poll");
    for (nfds_t i = count - 1; i > 0; i--) {
      if (fds[i].revents == 0 || answer(fds[i].fd)) continue;
      close(fds[i].fd);
      fds[i] = fds[--count];
    }
    if (fds[0].revents == 0 || count == MOST) continue;
    int fd = accept(fds[0].fd, NULL, NULL);
    if (fd < 0) fail("accept");
    fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
}
