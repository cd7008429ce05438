// Runs under Node: an http server on the Unix socket of argv[2] that writes, for each connection
// that ended, one line of JSON with what Node's parser (llhttp) made of it.
import { createServer } from "node:http";

const server = createServer({ maxHeaderSize: 64 * 1024 });
const seen = new WeakMap();

server.on("connection", (socket) => {
  const record = { requests: [], error: null };
  seen.set(socket, record);
  socket.on("error", () => {});
  socket.on("close", () => process.stdout.write(`${JSON.stringify(record)}\n`));
});
server.on("clientError", (error, socket) => {
  seen.get(socket).error = error.code ?? String(error);
  socket.destroy();
});
server.on("request", (request, response) => {
  const { method, url } = request;
  let bodyBytes = 0;
  request.on("data", (chunk) => bodyBytes += chunk.length);
  request.on("end", () => {
    seen.get(request.socket).requests.push({ method, target: url, bodyBytes });
    response.end();
  });
});
server.listen(process.argv[2], () => process.stdout.write("listening\n"));
