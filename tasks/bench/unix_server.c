/*
 * Answers every read on a Unix socket with the same bytes, so that a client's own time shows.
 *
 *   unix_server SOCKET
 *
 * Prints `listening` when it does. One process per connection; ends by a signal.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char ANSWER[] =
    "HTTP/1.1 200 \r\ncontent-length: 99\r\ncontent-type: application/json\r\n"
    "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n"
    "{\"status\":\"running\",\"count\":1,\"uptime\":1.5,\"busy\":false,\"models\":[],"
    "\"timestamp\":1234567890.1234567}";

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void serve(int fd) {
  char buffer[65536];
  while (read(fd, buffer, sizeof buffer) > 0) {
    if (write(fd, ANSWER, sizeof ANSWER - 1) < 0) exit(1);
  }
  exit(0);
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) return 2;
  strcpy(address.sun_path, argv[1]);
  signal(SIGCHLD, SIG_IGN);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, 16) < 0) fail("listen");
  puts("listening");
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) fail("accept");
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) serve(fd);
    close(fd);
  }
}
