/*
 * A raw HTTP client over a Unix socket, as a floor to compare with.
 *
 *   unix_client SOCKET COUNT <request
 *
 * Sends the request COUNT times on one connection, after one that does not count, and prints the
 * nanoseconds of each exchange, one a line. An answer is whole when as many bytes have come as its
 * Content-Length announces.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char request[65536], answer[65537];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int open_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    fprintf(stderr, "path too long\n");
    exit(1);
  }
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  return fd;
}

/* Bytes of the whole answer, 0 while its head is not there. */
static size_t whole_length(size_t length) {
  answer[length] = 0;
  char *end = strstr(answer, "\r\n\r\n");
  if (end == NULL) return 0;
  char *field = strcasestr(answer, "\r\ncontent-length:");
  if (field == NULL || field > end) {
    fprintf(stderr, "an answer without a length\n");
    exit(1);
  }
  return (size_t)(end + 4 - answer) + strtoul(field + 17, NULL, 10);
}

static void exchange(int fd, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t n = write(fd, request + done, size - done);
    if (n < 0) fail("write");
    done += (size_t)n;
  }
  size_t length = 0, whole = 0;
  while (whole == 0 || length < whole) {
    ssize_t n = read(fd, answer + length, sizeof answer - 1 - length);
    if (n <= 0) fail("read");
    length += (size_t)n;
    if (whole == 0) whole = whole_length(length);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: unix_client SOCKET COUNT <request\n");
    return 2;
  }
  size_t size = fread(request, 1, sizeof request, stdin);
  int fd = open_socket(argv[1]);
  exchange(fd, size);
  for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
    long long begun = now();
    exchange(fd, size);
    printf("%lld\n", now() - begun);
  }
  return 0;
}
