import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { removeStaleSockets } from "../../src/platform/mod.ts";

Deno.test("sockets that a dead program's engines left are removed, and nothing else", async () => {
  const dir = await Deno.makeTempDir();
  const listen = (name: string) => Deno.listen({ transport: "unix", path: join(dir, name) });
  // A program that was killed leaves the file of its socket; a link to it takes the place of one here.
  const leave = async (name: string) => {
    const path = join(dir, name);
    const code = `Deno.listen({ transport: "unix", path: ${JSON.stringify(path)} });
      Deno.kill(Deno.pid, "SIGKILL");`;
    await new Deno.Command(Deno.execPath(), { args: ["eval", code], stderr: "null" }).output();
  };
  for (const name of ["engine-a.sock", "engine-a.sock~2", "engine-b.sock.frames", "other.sock"]) {
    await leave(name);
  }
  await Deno.writeTextFile(join(dir, "engine-file.sock"), "");
  await Deno.symlink(join(dir, "other.sock"), join(dir, "engine-link.sock"));
  const live = listen("engine-live.sock");
  await removeStaleSockets(dir);
  const left = Array.from(Deno.readDirSync(dir), ({ name }) => name).sort();
  assertEquals(left, ["engine-file.sock", "engine-link.sock", "engine-live.sock", "other.sock"]);
  live.close();
  await Deno.remove(dir, { recursive: true });
});
