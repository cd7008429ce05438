/**
 * The floor of the runtime: two loops for each client that copy bytes to a connection of its own to the
 * backend and back. It parses nothing, keeps no books and shares no connection, so nothing that is a
 * proxy on Deno's connections can be faster.
 *
 *   bare_splice.ts PORT SOCKET
 *
 * @module
 */
const [port = "", path = ""] = Deno.args;

/** As much as an idle connection of a proxy might hold. */
const BUFFER_BYTES = 8_192;

async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  try {
    for (let got = await from.read(buffer); got !== null; got = await from.read(buffer)) {
      for (let at = 0; at < got;) at += await to.write(buffer.subarray(at, got));
    }
  } catch {
    // One of the two has gone; so goes the other.
  }
}

async function serve(client: Deno.TcpConn): Promise<void> {
  using near = client;
  near.setNoDelay(true);
  using far = await Deno.connect({ transport: "unix", path });
  // Whoever ends first ends both: what waits on the other is cut off as they close.
  await Promise.race([copy(near, far), copy(far, near)]);
}

for await (const client of Deno.listen({ hostname: "127.0.0.1", port: Number(port) })) {
  serve(client).catch((error) => console.error(error));
}
