/** The programs in C: a raw client, and a server that costs next to nothing. */
import { lastLines, runCommand } from "../support/command.ts";
import { inRoot } from "../support/root.ts";

export type CTools =
  | { readonly kind: "ready"; readonly client: string; readonly server: string }
  | { readonly kind: "missing"; readonly why: string };

/** Builds both into .cache/bench with the system's `cc`. */
export async function buildCTools(): Promise<CTools> {
  await Deno.mkdir(inRoot(".cache", "bench"), { recursive: true });
  const paths: string[] = [];
  for (const name of ["unix_client", "unix_server"]) {
    const output = inRoot(".cache", "bench", name);
    const source = inRoot("tasks", "bench", `${name}.c`);
    const built = await runCommand(["cc", "-O2", "-Wall", "-Wextra", "-o", output, source]);
    if (built.code === 127) return { kind: "missing", why: "no C compiler" };
    if (built.code !== 0) {
      return { kind: "missing", why: `cc failed: ${lastLines(built.output, 1)}` };
    }
    paths.push(output);
  }
  const [client = "", server = ""] = paths;
  return { kind: "ready", client, server };
}
