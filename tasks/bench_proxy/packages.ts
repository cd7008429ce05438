/** The programs of others that the bench needs, installed where it may. */
import { lastLines, runCommand } from "../support/command.ts";
import { exclusively, missing, type Part, ready } from "../support/part.ts";
import { showProgress } from "../support/progress.ts";
import { inRoot } from "../support/root.ts";

/** Debian's package of each program. */
const PACKAGES = {
  wrk: "wrk",
  nginx: "nginx-light",
  caddy: "caddy",
  haproxy: "haproxy",
} as const;

export type ProgramName = keyof typeof PACKAGES;
export type Programs = Readonly<Record<ProgramName, Part>>;

/** Where programs are that only root has in its PATH. */
const MORE_FOLDERS = ["/usr/sbin", "/usr/local/sbin"];

/** Finds the programs; those that are not there are installed as root, or with sudo that asks nothing. */
export async function setUpPrograms(): Promise<Programs> {
  const names = Object.keys(PACKAGES) as ProgramName[];
  return await exclusively("packages", async () => {
    const absent = names.filter((name) => find(name) === null);
    const why = absent.length === 0
      ? ""
      : await showProgress(`Installing ${absent.join(", ")}`, () => install(absent));
    const parts = names.map((name) => {
      const path = find(name);
      return [name, path === null ? missing(`no ${name}: ${why}`) : ready(path)];
    });
    return Object.fromEntries(parts);
  });
}

/** Its path. Throws with the reason when it is not there. */
export function programOf(part: Part): string {
  if (part.kind === "missing") throw new Error(part.why);
  return part.path;
}

/** Why it did not work, in a few words. */
async function install(names: readonly ProgramName[]): Promise<string> {
  if (Deno.build.os !== "linux" || find("apt-get") === null) return "no apt-get to install it with";
  const script = inRoot("tasks", "support", "install.sh");
  const packages = names.map((name) => PACKAGES[name]);
  const asRoot = Deno.uid() === 0 ? [] : ["sudo", "-n"];
  const [program = "", ...args] = [...asRoot, "sh", script, ...packages];
  const { code, output } = await runCommand([program, ...args], { limitMs: 180_000 });
  return code === 0 ? "not in its package" : `installing failed: ${lastLines(output, 1)}`;
}

function find(name: string): string | null {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), ...MORE_FOLDERS];
  for (const folder of folders.filter((one) => one.startsWith("/"))) {
    try {
      if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
    } catch {
      // Not in this one.
    }
  }
  return null;
}
