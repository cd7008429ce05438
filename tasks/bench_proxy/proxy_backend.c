/*
 * The backend of the proxy bench: HTTP/1.1 by epoll, one process, next to no work of its own.
 *
 *   [AI_ENGINE_SOCKET=PATH] backend [SOCKET]
 *
 * With an argument it listens on that Unix socket and on a free TCP port, and prints its URL: the
 * backend of the other proxies, and of clients without one. Without, it is an engine of AI Engine and
 * listens where the environment says. It ends at the end of its standard input.
 *
 *   GET /down?bytes=N    N bytes of a known length
 *   POST /up             tells how many bytes came
 *   GET /sse?events=N    N events in chunks, each with a write of its own, as fast as they go
 *   GET /sse?every=MS    an event at once, then one each MS milliseconds (the same MS for all), for ever
 *   /status /input /stop 404: not an engine of ours
 *   anything else        reads the body and gives 141 bytes of JSON
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_BYTES = 16384, SLAB_BYTES = 262144, EVENTS = 256 };

/* What a connection does next. */
enum phase { READ_HEAD, READ_BODY, SEND, SEND_SLAB, SEND_EVENTS, SEND_SLOWLY };
enum route { SMALL, UP, DOWN, BURST, SLOW, NOT_FOUND };

struct connection {
  int fd;
  enum phase phase;
  enum route route;
  size_t length;             /* bytes in `in` */
  long long left;            /* of the request's body, the slab or the events */
  long long total;           /* of the request's body */
  long long number;          /* of the event that `out` holds */
  size_t out_length, sent;   /* of `out` */
  long long due_ns, every_ns;
  struct connection *next, *previous; /* among the slow ones, in the order in which they are due */
  char in[HEAD_BYTES];
  char out[512];
};

static int poller;
static char slab[SLAB_BYTES], waste[SLAB_BYTES];
static struct connection slow = {.next = &slow, .previous = &slow};

static const char SMALL_BODY[] =
    "{\"id\":\"cmpl-1234567890\",\"object\":\"chat.completion\",\"created\":1234567890,"
    "\"choices\":[{\"index\":0,\"text\":\"a small answer of the engine.......\"}]}";

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void unlink_slow(struct connection *c) {
  if (c->next == NULL) return;
  c->next->previous = c->previous;
  c->previous->next = c->next;
  c->next = c->previous = NULL;
}

static void link_slow(struct connection *c) {
  c->previous = slow.previous;
  c->next = &slow;
  slow.previous->next = c;
  slow.previous = c;
}

static void drop(struct connection *c) {
  unlink_slow(c);
  close(c->fd);
  c->fd = -1;
}

static void watch(struct connection *c, uint32_t events) {
  struct epoll_event e = {.events = events, .data.ptr = c};
  if (epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e) < 0) fail("epoll_ctl");
}

/* 1: all is out. 0: the socket is full. -1: the connection is gone. */
static int flush_out(struct connection *c) {
  while (c->sent < c->out_length) {
    ssize_t n = write(c->fd, c->out + c->sent, c->out_length - c->sent);
    if (n < 0) return errno == EAGAIN ? 0 : -1;
    c->sent += (size_t)n;
  }
  return 1;
}

static int flush_slab(struct connection *c) {
  while (c->left > 0) {
    size_t most = c->left < SLAB_BYTES ? (size_t)c->left : SLAB_BYTES;
    ssize_t n = write(c->fd, slab, most);
    if (n < 0) return errno == EAGAIN ? 0 : -1;
    c->left -= n;
  }
  return 1;
}

/* The next event as a chunk of 135 bytes of payload. */
static void put_event(struct connection *c) {
  char event[160];
  int length = snprintf(event, sizeof event, "data: {\"n\":%08lld,\"text\":\"%.104s\"}\n\n", c->number++,
                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                        "xxxxxxxxxxxxxxxxxxxxxxxx");
  c->out_length = (size_t)snprintf(c->out, sizeof c->out, "%x\r\n%s\r\n", length, event);
  c->sent = 0;
}

static void put_end(struct connection *c) {
  c->out_length = (size_t)snprintf(c->out, sizeof c->out, "0\r\n\r\n");
  c->sent = 0;
}

static int flush_events(struct connection *c) {
  for (;;) {
    int done = flush_out(c);
    if (done != 1) return done;
    if (c->left < 0) return 1;
    if (c->left-- > 0) put_event(c);
    else put_end(c);
  }
}

static void put_head(struct connection *c) {
  static const char *EVENT_STREAM =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  char body[64];
  const char *status = "200 OK", *text = SMALL_BODY;
  if (c->route == BURST || c->route == SLOW) {
    c->out_length = (size_t)snprintf(c->out, sizeof c->out, "%s", EVENT_STREAM);
  } else if (c->route == DOWN) {
    c->out_length = (size_t)snprintf(
        c->out, sizeof c->out,
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %lld\r\n\r\n",
        c->left);
  } else {
    if (c->route == NOT_FOUND) status = "404 Not Found", text = "{}";
    if (c->route == UP) {
      snprintf(body, sizeof body, "{\"bytes\":%lld}", c->total);
      text = body;
    }
    c->out_length = (size_t)snprintf(
        c->out, sizeof c->out,
        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
        strlen(text), text);
  }
  c->sent = 0;
}

static long long query(const char *target, const char *name) {
  const char *found = strstr(target, name);
  return found == NULL ? -1 : strtoll(found + strlen(name), NULL, 10);
}

/* Takes a whole head; its target tells the route, -1: refused. */
static int take_head(struct connection *c, char *end) {
  *end = 0;
  char *target = strchr(c->in, ' ');
  char *line_end = strstr(c->in, "\r\n");
  if (strcasestr(c->in, "\r\ntransfer-encoding:") != NULL || target == NULL) return -1;
  char *field = strcasestr(c->in, "\r\ncontent-length:");
  c->total = field == NULL ? 0 : strtoll(field + 17, NULL, 10);
  if (line_end != NULL) *line_end = 0;
  target++;
  c->route = SMALL;
  if (strncmp(target, "/up", 3) == 0) c->route = UP;
  if (strncmp(target, "/down", 5) == 0) c->route = DOWN, c->number = query(target, "bytes=");
  if (strncmp(target, "/sse", 4) == 0) {
    c->every_ns = query(target, "every=") * 1000000;
    c->route = c->every_ns > 0 ? SLOW : BURST;
    c->number = query(target, "events=");
  }
  if (strncmp(target, "/status", 7) == 0 || strncmp(target, "/input", 6) == 0 ||
      strncmp(target, "/stop", 5) == 0) {
    c->route = NOT_FOUND;
  }
  return 0;
}

static void begin_answer(struct connection *c) {
  c->left = c->number;
  put_head(c);
  c->phase = c->route == DOWN    ? SEND_SLAB
             : c->route == BURST ? SEND_EVENTS
             : c->route == SLOW  ? SEND_SLOWLY
                                 : SEND;
  if (c->phase == SEND_EVENTS || c->phase == SEND_SLOWLY) c->number = 0;
  if (c->phase == SEND_SLOWLY) {
    size_t head = c->out_length;
    char text[512];
    memcpy(text, c->out, head);
    put_event(c);
    memmove(c->out + head, c->out, c->out_length);
    memcpy(c->out, text, head);
    c->out_length += head;
    c->due_ns = now() + c->every_ns;
    link_slow(c);
  }
}

/* 1: the answer is out whole. 0: the socket is full. -1: the connection is gone. */
static int send_more(struct connection *c) {
  if (c->phase == SEND_EVENTS) return flush_events(c);
  int done = flush_out(c);
  if (done == 1 && c->phase == SEND_SLAB) done = flush_slab(c);
  if (done == 1 && c->phase == SEND_SLOWLY) return 0;
  return done;
}

/* Reads what there is of a body. 1: whole. 0: more to come. -1: gone. */
static int read_body(struct connection *c) {
  while (c->left > 0) {
    ssize_t n = read(c->fd, waste, c->left < SLAB_BYTES ? (size_t)c->left : SLAB_BYTES);
    if (n == 0) return -1;
    if (n < 0) return errno == EAGAIN ? 0 : -1;
    c->left -= n;
  }
  return 1;
}

/* 1: a head and what came of its body are taken. 0: more to come. -1: gone. */
static int read_head(struct connection *c) {
  c->in[c->length] = 0;
  char *end = c->length == 0 ? NULL : strstr(c->in, "\r\n\r\n");
  while (end == NULL) {
    ssize_t n = read(c->fd, c->in + c->length, HEAD_BYTES - 1 - c->length);
    if (n == 0) return -1;
    if (n < 0) return errno == EAGAIN ? 0 : -1;
    c->length += (size_t)n;
    c->in[c->length] = 0;
    end = strstr(c->in, "\r\n\r\n");
    if (end == NULL && c->length == HEAD_BYTES - 1) return -1;
  }
  if (take_head(c, end) < 0) return -1;
  size_t head = (size_t)(end + 4 - c->in), rest = c->length - head;
  size_t taken = (long long)rest < c->total ? rest : (size_t)c->total;
  memmove(c->in, c->in + head + taken, rest - taken);
  c->length = rest - taken;
  c->left = c->total - (long long)taken;
  return 1;
}

/* As far as the socket lets it: request after request. */
static void run(struct connection *c) {
  for (;;) {
    int done = c->phase == READ_HEAD ? read_head(c) : c->phase == READ_BODY ? read_body(c) : send_more(c);
    if (done < 0) return drop(c);
    int writes = c->phase >= SEND;
    if (done == 0) {
      int full = writes && c->phase != SEND_SLOWLY;
      return watch(c, full ? EPOLLOUT : EPOLLIN | EPOLLRDHUP);
    }
    if (c->phase == READ_HEAD) c->phase = READ_BODY;
    else if (c->phase == READ_BODY) begin_answer(c);
    else c->phase = READ_HEAD;
  }
}

/* Events of slow streams that are due. Gives the milliseconds until the next one, -1: none. */
static int run_slow(void) {
  while (slow.next != &slow) {
    struct connection *c = slow.next;
    long long wait = c->due_ns - now();
    if (wait > 0) return (int)(wait / 1000000) + 1;
    c->due_ns += c->every_ns;
    unlink_slow(c);
    if (c->sent == c->out_length) put_event(c); /* a reader that is behind misses events */
    if (flush_out(c) < 0) {
      drop(c);
      free(c);
    } else {
      link_slow(c);
    }
  }
  return -1;
}

static int listen_on(int family, struct sockaddr *address, socklen_t length) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  if (bind(fd, address, length) < 0) fail("bind");
  if (listen(fd, 1024) < 0) fail("listen");
  struct epoll_event e = {.events = EPOLLIN, .data.u64 = (uint64_t)fd};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) < 0) fail("epoll_ctl");
  return fd;
}

static void take_connections(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* means nothing to a Unix socket */
    struct connection *c = malloc(sizeof *c);
    if (c == NULL) fail("malloc");
    memset(c, 0, offsetof(struct connection, in));
    c->fd = fd;
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) < 0) fail("epoll_ctl");
  }
}

static void listen_everywhere(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : getenv("AI_ENGINE_SOCKET");
  struct sockaddr_un local = {.sun_family = AF_UNIX};
  if (path == NULL || strlen(path) >= sizeof local.sun_path) {
    fprintf(stderr, "usage: [AI_ENGINE_SOCKET=PATH] backend [SOCKET]\n");
    exit(2);
  }
  strcpy(local.sun_path, path);
  unlink(path);
  listen_on(AF_UNIX, (struct sockaddr *)&local, sizeof local);
  if (argc < 2) return;
  struct sockaddr_in inet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof inet;
  int fd = listen_on(AF_INET, (struct sockaddr *)&inet, length);
  if (getsockname(fd, (struct sockaddr *)&inet, &length) < 0) fail("getsockname");
  printf("http://127.0.0.1:%d\n", ntohs(inet.sin_port));
  fflush(stdout);
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  memset(slab, 'd', sizeof slab);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) fail("epoll_create1");
  struct epoll_event input = {.events = EPOLLIN, .data.u64 = STDIN_FILENO};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &input) < 0 && errno != EPERM) fail("epoll_ctl");
  listen_everywhere(argc, argv);
  static struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(poller, events, EVENTS, run_slow());
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; i++) {
      uint64_t value = events[i].data.u64;
      if (value == STDIN_FILENO) {
        if (read(STDIN_FILENO, waste, sizeof waste) <= 0) return 0;
      } else if (value < 1024) { /* no pointer: a listener */
        take_connections((int)value);
      } else {
        struct connection *c = events[i].data.ptr;
        if (c->phase == SEND_SLOWLY && (events[i].events & (EPOLLIN | EPOLLRDHUP))) drop(c);
        else run(c);
        if (c->fd < 0) free(c);
      }
    }
  }
}
