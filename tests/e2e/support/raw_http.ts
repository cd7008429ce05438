/** Requests byte for byte, for what `fetch` would not send. */
import { type JsonAnswer, type RunningProgram, within } from "../../support/program.ts";

/** Sends `text` to the program's port as it stands. */
export async function sendRaw(program: RunningProgram, text: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(program.url);
  const conn = await Deno.connect({ hostname, port: Number(port) });
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
  return conn;
}

/** Sends a request line and fields, and reads the answer; it must be JSON or empty. */
export async function askRaw(
  program: RunningProgram,
  lines: readonly string[],
): Promise<JsonAnswer> {
  const head = [...lines, "Connection: close", "", ""].join("\r\n");
  const conn = await sendRaw(program, head);
  const answer = await readAll(conn);
  const [first = "", ...fields] = answer.slice(0, answer.indexOf("\r\n\r\n")).split("\r\n");
  const headers = new Headers(fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  }));
  const text = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  const isJson = /json/.test(headers.get("content-type") ?? "");
  return { status: Number(first.split(" ")[1]), headers, body: isJson ? JSON.parse(text) : text };
}

/** To the end of the connection, which is closed then. */
export async function readAll(conn: Deno.Conn): Promise<string> {
  const read = () => new Response(conn.readable).text();
  return await within(read(), () => "No end of an answer");
}

/** The head of an answer; the connection is closed then. */
export async function readHead(conn: Deno.Conn): Promise<string> {
  const read = async () => {
    let text = "";
    for await (const chunk of conn.readable.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("\r\n\r\n")) break;
    }
    return text.slice(0, text.indexOf("\r\n\r\n") + 2);
  };
  return await within(read(), () => "No head of an answer");
}
