/** Programs of others at either end: a WebSocket client and server, nginx as the engine and in front. */
import { assertEquals, assertMatch } from "@std/assert";
import { within } from "../support/program.ts";
import { House } from "./support/house.ts";

Deno.test("a WebSocket passes: text, bytes of every size, and the close code", async () => {
  await using house = new House({ engine: "none" });
  const closed = Promise.withResolvers<number>();
  const server = Deno.serve({ path: house.path, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "chat" });
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket.send(data);
    socket.onclose = ({ code }) => closed.resolve(code);
    return response;
  });
  const socket = new WebSocket(`ws://127.0.0.1:${house.port}/upstream/e/ws?x=1`, "chat");
  socket.binaryType = "arraybuffer";
  const next = () => {
    const message = new Promise<unknown>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(data);
      socket.onerror = (event) => reject(event);
    });
    return within(message, () => "No message came back");
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  assertEquals(socket.protocol, "chat");
  const text = next();
  socket.send("hello");
  assertEquals(await text, "hello");
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
    const back = next();
    socket.send(new Uint8Array(size).fill(size % 251));
    const bytes = new Uint8Array(await back as ArrayBuffer);
    assertEquals([bytes.length, bytes.every((byte) => byte === size % 251)], [size, true]);
  }
  socket.close(3_456, "bye");
  assertEquals(await within(closed.promise, () => "It was not closed"), 3_456);
  await house.until(() => house.held === 0 && house.front.openConnections === 0, "it is over");
  await server.shutdown();
});

const hasNginx = await new Deno.Command("nginx", { args: ["-v"], stderr: "null" }).output()
  .then(({ success }) => success, () => false);

/** nginx with `server`, in a directory of its own, until it is disposed of. */
async function startNginx(server: (directory: string) => string) {
  const directory = await Deno.makeTempDir({ prefix: "nginx-" });
  await Deno.chmod(directory, 0o755);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`).join("\n");
  await Deno.writeTextFile(
    `${directory}/conf`,
    `daemon off; pid ${directory}/pid; error_log ${directory}/log; ${
      Deno.uid() === 0 ? "user root;" : ""
    }
    events {}
    http { access_log off; ${temporary} ${server(directory)} }`,
  );
  const child = new Deno.Command("nginx", { args: ["-c", `${directory}/conf`, "-e", "stderr"] })
    .spawn();
  return {
    directory,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Asks until nginx is up. */
async function fetchSoon(url: string, init: RequestInit = {}): Promise<Response> {
  for (const by = performance.now() + 10_000;;) {
    const response = await fetch(url, init).catch(() => undefined);
    if (response !== undefined && response.status !== 502) return response;
    await response?.body?.cancel();
    if (performance.now() > by) throw new Error(`no answer from ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test({
  name: "nginx as the engine: bodies, HEAD, 206, 304 and errors come as it sends them",
  ignore: !hasNginx,
  async fn() {
    await using house = new House({ engine: "none" });
    await using nginx = await startNginx((directory) =>
      `server { listen unix:${house.path}; root ${directory}; }`
    );
    const text = "0123456789".repeat(50_000);
    await Deno.writeTextFile(`${nginx.directory}/large.txt`, text);
    const url = `http://127.0.0.1:${house.port}/upstream/e/large.txt`;
    const whole = await fetchSoon(url);
    assertEquals([whole.status, await whole.text() === text], [200, true]);
    const head = await fetch(url, { method: "HEAD" });
    assertEquals([head.headers.get("content-length"), await head.text()], [`${text.length}`, ""]);
    const part = await fetch(url, { headers: { range: "bytes=5-14" } });
    assertEquals([part.status, await part.text()], [206, "5678901234"]);
    const etag = whole.headers.get("etag") ?? "";
    const same = await fetch(url, { headers: { "if-none-match": etag } });
    assertEquals([same.status, await same.text()], [304, ""]);
    const missing = await fetch(`${url}.none`);
    assertEquals(missing.status, 404);
    assertMatch(await missing.text(), /nginx/);
    const refused = await fetch(url, { method: "POST", body: "x".repeat(2_000_000) });
    assertEquals(refused.status, 413);
    await refused.body?.cancel();
    house.pool.close();
  },
});

Deno.test({
  name: "nginx in front: kept connections, bodies up and down, a stream event by event",
  ignore: !hasNginx,
  async fn() {
    await using house = new House({ engine: "none" });
    const engine = Deno.serve({ path: house.path, onListen: () => {} }, async (request) => {
      const body = new Uint8Array(await request.arrayBuffer());
      return new Response(ReadableStream.from([body.subarray(0, 10), body.subarray(10)]), {
        headers: { "x-saw": request.headers.get("x-forwarded-for") ?? "" },
      });
    });
    await using nginx = await startNginx((directory) => `
      upstream front { server 127.0.0.1:${house.port}; keepalive 4; }
      server {
        listen unix:${directory}/s; client_max_body_size 64m; proxy_buffering off;
        location / {
          proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
          proxy_pass http://front;
        }
      }`);
    const client = Deno.createHttpClient({
      proxy: { transport: "unix", path: `${nginx.directory}/s` },
    });
    for (const size of [10, 1_000, 3_000_000, 20]) {
      const body = "y".repeat(size);
      const init = { method: "POST", body, client } as RequestInit;
      const response = await fetchSoon(`http://localhost/upstream/e/`, init);
      assertEquals([response.status, await response.text() === body], [200, true]);
      assertEquals(response.headers.get("x-saw"), "127.0.0.1");
    }
    assertEquals(house.front.openConnections, 1);
    client.close();
    house.pool.close();
    await engine.shutdown();
  },
});
