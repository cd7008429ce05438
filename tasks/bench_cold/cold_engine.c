/*
 * An engine that takes its time to be there, and no more:
 *
 *   cold_engine MS
 *
 * Listens on the Unix socket AI_ENGINE_SOCKET after MS milliseconds and answers every read with 200 and
 * an empty JSON object; after `POST /stop` it removes its socket and exits.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST 1024

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
  long ms = atol(argv[1]);
  struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&pause, NULL);
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
