/*
 * An engine that costs next to nothing, to be started and stopped again and again: answers every read
 * with the same bytes, and ends when it is asked to stop.
 *
 *   AI_ENGINE_SOCKET=PATH tiny_engine
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 64 };

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\ncontent-length: 20\r\ncontent-type: application/json\r\n\r\n"
    "{\"status\":\"running\"}";

/* Whether the connection goes on. */
static int answer(int fd, const char *socket) {
  char buffer[65536];
  ssize_t count = read(fd, buffer, sizeof buffer);
  if (count <= 0 || write(fd, ANSWER, sizeof ANSWER - 1) < 0) return 0;
  if (count < 10 || memcmp(buffer, "POST /stop", 10) != 0) return 1;
  unlink(socket);
  exit(0);
}

int main(void) {
  const char *path = getenv("AI_ENGINE_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct pollfd open[MOST];
  int count = 1;
  if (path == NULL || strlen(path) >= sizeof address.sun_path) return 2;
  strcpy(address.sun_path, path);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) return 1;
  if (listen(listener, MOST) < 0) return 1;
  open[0] = (struct pollfd){.fd = listener, .events = POLLIN};
  while (poll(open, count, -1) > 0) {
    for (int at = count - 1; at > 0; at--) {
      if (open[at].revents == 0 || answer(open[at].fd, path)) continue;
      close(open[at].fd);
      open[at] = open[--count];
    }
    if (open[0].revents == 0 || count == MOST) continue;
    open[count++] = (struct pollfd){.fd = accept(listener, NULL, NULL), .events = POLLIN};
  }
  return 1;
}
