import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DialError, type DialFailure, type FileInfo, SpawnError } from "../../src/core/mod.ts";
import { freeSocketPath, guardSocket, removeSocket } from "../../src/supervisor/socket_file.ts";

const OURS: FileInfo = { kind: "socket", uid: 1000, mode: 0o755 };

/** A place with `info` in it; a connect to it ends in `dial`, `null` = somebody answers. */
function place(info: FileInfo | null, dial: DialFailure | null = "refused") {
  const done: string[] = [];
  const ports = {
    files: {
      info: () => Promise.resolve(info),
      remove: () => Promise.resolve(void done.push("remove")),
      setMode: (_path: string, mode: number) =>
        Promise.resolve(void done.push(`mode ${mode.toString(8)}`)),
      uid: 1000,
    },
    net: {
      connectUnix() {
        if (dial !== null) return Promise.reject(new DialError(dial, dial));
        const close = () => void done.push("hang up");
        return Promise.resolve({ read: never, write: never, close });
      },
    },
  };
  return { ports, done };
}

function never(): Promise<never> {
  return Promise.reject(new TypeError("nobody is to read or write"));
}

Deno.test("that there is no descriptor to look with refuses for now only, and removes nothing", async () => {
  const { ports, done } = place(OURS, "no_descriptors");
  const error = await assertRejects(() => freeSocketPath("/run/x.sock", ports), SpawnError);
  assertEquals([error.fault, done], ["descriptors", []]);
});

Deno.test("freeSocketPath() removes a socket of ours only when a connect is refused", async () => {
  for (const dial of ["refused", "no_socket"] as const) {
    const { ports, done } = place(OURS, dial);
    await freeSocketPath("/run/x.sock", ports);
    assertEquals(done, ["remove"], dial);
  }
  for (const dial of ["backlog_full", "other", null] as const) {
    const { ports, done } = place(OURS, dial);
    const error = await assertRejects(() => freeSocketPath("/run/x.sock", ports), SpawnError);
    assertStringIncludes(error.message, "another program answers");
    assertEquals(done, dial === null ? ["hang up"] : [], String(dial));
  }
});

Deno.test("freeSocketPath() leaves alone what is not a socket of ours, and says what it is", async () => {
  const others: [FileInfo, string][] = [
    [{ ...OURS, kind: "symlink" }, "symbolic link"],
    [{ ...OURS, kind: "file" }, "not a socket"],
    [{ ...OURS, kind: "directory" }, "not a socket"],
    [{ ...OURS, uid: 0 }, "another user"],
  ];
  for (const [info, why] of others) {
    const { ports, done } = place(info);
    const error = await assertRejects(() => freeSocketPath("/run/x.sock", ports), SpawnError);
    assertStringIncludes(error.message, why);
    assertEquals(done, []);
  }
});

Deno.test("freeSocketPath() does nothing where nothing is", async () => {
  const { ports, done } = place(null);
  await freeSocketPath("/run/x.sock", ports);
  assertEquals(done, []);
});

Deno.test("guardSocket() takes a socket of ours away from everybody else, and touches nothing else", async () => {
  const cases: [FileInfo | null, string[]][] = [
    [OURS, ["mode 600"]],
    [{ ...OURS, mode: 0o600 }, []],
    [{ ...OURS, kind: "symlink" }, []],
    [{ ...OURS, uid: 0 }, []],
    [null, []],
  ];
  for (const [info, expected] of cases) {
    const { ports, done } = place(info);
    await guardSocket("/run/x.sock", ports);
    assertEquals(done, expected);
  }
});

Deno.test("removeSocket() removes what a dead engine left and lets the rest be", async () => {
  const stale = place(OURS);
  await removeSocket("/run/x.sock", stale.ports);
  assertEquals(stale.done, ["remove"]);
  const live = place(OURS, null);
  await removeSocket("/run/x.sock", live.ports);
  assertEquals(live.done, ["hang up"]);
});
