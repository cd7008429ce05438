/** Unix sockets in every condition, made by another process: Deno's own clean up after themselves. */
import { startPython } from "./python.ts";

/** Leaves a socket file at `path` on which nobody listens. */
export async function leaveStaleSocket(path: string): Promise<void> {
  const python = startPython(
    "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1]); print('bound')",
    [path],
  );
  await python.line();
  await python.end();
}

/** Listens at `path` and never accepts; its queue holds one connection. */
export async function listenDeaf(path: string): Promise<{ end(): Promise<void> }> {
  const python = startPython(
    `
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(0)
print("listening")
sys.stdin.read()
`,
    [path],
  );
  await python.line();
  return python;
}
