/** The programs in C: a raw client, and a server that costs next to nothing. */
import { basename } from "@std/path";
import { lastLines, runCommand } from "../support/command.ts";
import { missing, type Part, ready } from "../support/part.ts";
import { inRoot } from "../support/root.ts";

export type CTools =
  | { readonly kind: "ready"; readonly client: string; readonly server: string }
  | { readonly kind: "missing"; readonly why: string };

/** Builds both. */
export async function buildCTools(): Promise<CTools> {
  const client = await compileC(inRoot("tasks", "bench", "unix_client.c"));
  const server = await compileC(inRoot("tasks", "bench", "unix_server.c"));
  if (client.kind === "missing") return client;
  if (server.kind === "missing") return server;
  return { kind: "ready", client: client.path, server: server.path };
}

/** Builds one program into .cache/bench with the system's `cc`. */
export async function compileC(source: string): Promise<Part> {
  await Deno.mkdir(inRoot(".cache", "bench"), { recursive: true });
  const output = inRoot(".cache", "bench", basename(source, ".c"));
  const built = await runCommand(["cc", "-O2", "-Wall", "-Wextra", "-o", output, source]);
  if (built.code === 127) return missing("no C compiler");
  return built.code === 0 ? ready(output) : missing(`cc failed: ${lastLines(built.output, 1)}`);
}
