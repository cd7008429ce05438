/*
 * The client of the proxy bench, for what wrk can't tell. It asks 127.0.0.1:PORT over HTTP/1.1 and
 * trusts its peer; an answer that is cut or refused is an error, and so is a job of over 60 s. Times are in nanoseconds.
 *
 *   ask PORT TARGET COUNT    a POST of 1,000 bytes, COUNT times on one connection after a hundredth of
 *                            that which does not count; prints the time of each
 *   first PORT TARGET COUNT  COUNT event streams, each on a new connection and left after its first
 *                            event; prints the time of each from the start of connecting
 *   events PORT TARGET       one event stream until its end; prints its events and its time
 *   down PORT TARGET         one answer; prints the bytes of its body and its time
 *   up PORT TARGET BYTES     one POST of BYTES bytes of JSON; prints its time
 *   hold PORT TARGET COUNT   COUNT event streams that never end; prints `holding` when each has had an
 *                            event, and at the end of its input how many are still open
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 262144, MOST_HELD = 1000, ASK_BYTES = 1000 };

static int port;
static const char *target;

/* An answer that is being read. */
static struct {
  int fd;
  char buffer[BUFFER_BYTES];
  size_t start, end;
  int chunked;
  long long left; /* of the body, or of the chunk; -1: the body has ended */
} answer;

static void die(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void on_alarm(int number) {
  (void)number;
  static const char TEXT[] = "not done after 60 s\n";
  if (write(STDERR_FILENO, TEXT, sizeof TEXT - 1) < 0) _exit(2);
  _exit(1);
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int open_connection(void) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  return fd;
}

static void write_all(int fd, const char *bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t n = write(fd, bytes + done, length - done);
    if (n < 0) fail("write");
    done += (size_t)n;
  }
}

static void send_get(int fd) {
  char head[512];
  int length = snprintf(head, sizeof head,
                        "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n", target);
  write_all(fd, head, (size_t)length);
}

static int put_post_head(char *head, size_t size, long long bytes) {
  return snprintf(head, size,
                  "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  "Content-Length: %lld\r\n\r\n",
                  target, bytes);
}

/* A piece of a JSON string of `total` bytes that begins at `from`: {"prompt":"xxx…"} */
static size_t put_json(char *piece, long long from, long long total) {
  static const char BEGIN[] = "{\"prompt\":\"", END[] = "\"}";
  size_t length = total - from < BUFFER_BYTES ? (size_t)(total - from) : BUFFER_BYTES;
  memset(piece, 'x', length);
  if (from == 0) memcpy(piece, BEGIN, sizeof BEGIN - 1);
  for (long long at = total - 2; at < total; at++) {
    if (at >= from && at < from + (long long)length) piece[at - from] = END[at - total + 2];
  }
  return length;
}

static void fill(void) {
  if (answer.start == answer.end) answer.start = answer.end = 0;
  if (answer.end == BUFFER_BYTES) die("a head that is too long");
  ssize_t n = read(answer.fd, answer.buffer + answer.end, BUFFER_BYTES - answer.end);
  if (n < 0) fail("read");
  if (n == 0) die("the answer was cut");
  answer.end += (size_t)n;
}

static char next_byte(void) {
  if (answer.start == answer.end) fill();
  return answer.buffer[answer.start++];
}

/* A line without its end. */
static void read_line(char *line, size_t size) {
  size_t length = 0;
  for (char c = next_byte(); c != '\n'; c = next_byte()) {
    if (c != '\r' && length < size - 1) line[length++] = c;
  }
  line[length] = 0;
}

/* The head of an answer that has to be a 200 with a length or in chunks. */
static void read_head(int fd) {
  char line[1024];
  if (fd != answer.fd) answer.start = answer.end = 0;
  answer.fd = fd;
  answer.chunked = 0;
  answer.left = -1;
  read_line(line, sizeof line);
  if (strncmp(line, "HTTP/1.1 200", 12) != 0) die(line);
  for (read_line(line, sizeof line); line[0] != 0; read_line(line, sizeof line)) {
    if (strncasecmp(line, "content-length:", 15) == 0) answer.left = strtoll(line + 15, NULL, 10);
    if (strncasecmp(line, "transfer-encoding:", 18) == 0) answer.chunked = 1, answer.left = 0;
  }
  if (!answer.chunked && answer.left < 0) die("an answer without a length");
}

/* A piece of the body that has come; 0 at its end. */
static size_t read_piece(char **piece) {
  if (answer.chunked && answer.left == 0) {
    char line[64];
    do read_line(line, sizeof line);
    while (line[0] == 0); /* what ends the chunk before */
    answer.left = strtoll(line, NULL, 16);
    if (answer.left == 0) {
      for (read_line(line, sizeof line); line[0] != 0;) read_line(line, sizeof line);
      answer.left = -1;
    }
  }
  if (answer.left <= 0) return 0;
  if (answer.start == answer.end) fill();
  size_t length = answer.end - answer.start;
  if ((long long)length > answer.left) length = (size_t)answer.left;
  *piece = answer.buffer + answer.start;
  answer.start += length;
  answer.left -= (long long)length;
  return length;
}

/* Bytes until the end of the body. */
static long long read_body(void) {
  char *piece;
  long long bytes = 0;
  for (size_t n = read_piece(&piece); n > 0; n = read_piece(&piece)) bytes += (long long)n;
  return bytes;
}

/* Events until the end of the body, or until there are `most`. */
static long long read_events(long long most) {
  char *piece, last = 0;
  long long events = 0;
  while (events < most) {
    size_t n = read_piece(&piece);
    if (n == 0) break;
    for (size_t i = 0; i < n; i++) {
      if (piece[i] == '\n' && last == '\n') events++;
      last = piece[i];
    }
  }
  return events;
}

static void ask(long count) {
  static char request[ASK_BYTES + 1024], body[BUFFER_BYTES];
  int head = put_post_head(request, sizeof request, ASK_BYTES);
  size_t size = (size_t)head + put_json(body, 0, ASK_BYTES);
  memcpy(request + head, body, ASK_BYTES);
  long long *times = malloc(sizeof *times * (size_t)count);
  if (times == NULL) fail("malloc");
  int fd = open_connection();
  for (long i = -count / 100 - 1; i < count; i++) {
    long long begun = now();
    write_all(fd, request, size);
    read_head(fd);
    read_body();
    if (i >= 0) times[i] = now() - begun;
  }
  for (long i = 0; i < count; i++) printf("%lld\n", times[i]);
}

static void first(long count) {
  for (long i = 0; i < count; i++) {
    long long begun = now();
    int fd = open_connection();
    send_get(fd);
    answer.fd = -1;
    read_head(fd);
    if (read_events(1) == 0) die("no event");
    printf("%lld\n", now() - begun);
    close(fd);
  }
}

static void transfer(long long (*take)(void)) {
  long long begun = now();
  int fd = open_connection();
  send_get(fd);
  read_head(fd);
  long long amount = take();
  printf("%lld %lld\n", amount, now() - begun);
}

static long long all_events(void) { return read_events(1LL << 62); }

static void up(long long bytes) {
  static char piece[BUFFER_BYTES], head[1024];
  char wanted[64], *body;
  snprintf(wanted, sizeof wanted, "{\"bytes\":%lld}", bytes);
  long long begun = now();
  int fd = open_connection();
  write_all(fd, head, (size_t)put_post_head(head, sizeof head, bytes));
  size_t length = 0;
  for (long long done = 0; done < bytes; done += (long long)length) {
    if (done < BUFFER_BYTES * 2 || done + BUFFER_BYTES * 2 > bytes) length = put_json(piece, done, bytes);
    write_all(fd, piece, length);
  }
  read_head(fd);
  size_t n = read_piece(&body);
  if (n != strlen(wanted) || memcmp(body, wanted, n) != 0) die("not all bytes have arrived");
  printf("%lld\n", now() - begun);
}

static void hold(long count) {
  static struct pollfd held[MOST_HELD + 1];
  static char has_event[MOST_HELD], bytes[BUFFER_BYTES + 1];
  if (count > MOST_HELD) die("too many");
  for (long i = 0; i < count; i++) {
    held[i] = (struct pollfd){.fd = open_connection(), .events = POLLIN};
    send_get(held[i].fd);
  }
  held[count] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
  for (long open = count, waiting = count; (held[count].revents & (POLLIN | POLLHUP)) == 0;) {
    for (long i = 0; i < count; i++) {
      if (held[i].fd < 0 || held[i].revents == 0) continue;
      ssize_t n = read(held[i].fd, bytes, BUFFER_BYTES);
      if (n <= 0) {
        close(held[i].fd);
        held[i].fd = -1;
        open--;
        continue;
      }
      bytes[n] = 0;
      if (has_event[i] || strstr(bytes, "data:") == NULL) continue;
      has_event[i] = 1;
      if (--waiting == 0) puts("holding"), fflush(stdout);
    }
    if (open == 0) die("all streams have ended");
    if (poll(held, (nfds_t)count + 1, -1) < 0) fail("poll");
    if (held[count].revents & (POLLIN | POLLHUP)) printf("%ld\n", open);
  }
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGALRM, on_alarm);
  alarm(60);
  if (argc < 4) die("usage: proxy_client ask|first|events|down|up|hold PORT TARGET [COUNT]");
  const char *what = argv[1];
  port = atoi(argv[2]);
  target = argv[3];
  long long number = argc > 4 ? strtoll(argv[4], NULL, 10) : 0;
  if (strcmp(what, "ask") == 0) ask((long)number);
  else if (strcmp(what, "first") == 0) first((long)number);
  else if (strcmp(what, "events") == 0) transfer(all_events);
  else if (strcmp(what, "down") == 0) transfer(read_body);
  else if (strcmp(what, "up") == 0) up(number);
  else if (strcmp(what, "hold") == 0) hold((long)number);
  else die("no such thing to do");
  return 0;
}
