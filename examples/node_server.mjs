/** The smallest server in Node.js that AI Engine can run. */
import { createServer } from "node:http";

const server = createServer((request, response) => {
  // 404 to POST /stop says: end me by SIGTERM.
  const status = request.method === "GET" ? 200 : 404;
  const body = JSON.stringify({ status: "ok", path: request.url });
  response.writeHead(status, { "content-type": "application/json" }).end(body);
});
server.listen(process.env.AI_ENGINE_SOCKET);

// Asked to end, or the supervisor is gone: its end of our standard input is closed then.
process.on("SIGTERM", () => process.exit(0));
process.stdin.on("end", () => process.exit(0)).resume();
