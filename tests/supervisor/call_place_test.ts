/** Where a process takes direct calls: made free before, guarded, cleared afterwards. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DialError, type DialFailure, type FileInfo } from "../../src/core/mod.ts";
import { FrameChannel } from "../../src/frames/mod.ts";
import { CallPlace } from "../../src/supervisor/call_place.ts";
import { json, outcome } from "../frames/support/frames.ts";
import { FakeClock } from "../support/fake_clock.ts";

const SOCKET = "/run/echo.sock";
const PATH = "/run/echo.sock.frames";
const OWN: FileInfo = { kind: "socket", uid: 0, mode: 0o755 };

class Scene {
  readonly files = new Map<string, FileInfo>();
  readonly notices: string[] = [];
  readonly modes: number[] = [];
  readonly place: CallPlace;

  constructor(socket = SOCKET, failure: DialFailure = "refused") {
    this.place = new CallPlace({
      engine: "echo",
      socket,
      traffic: { moves: 0 },
      onNotice: (title, detail) => this.notices.push(`${title}: ${detail}`),
      ports: {
        clock: new FakeClock(),
        net: { connectUnix: () => Promise.reject(new DialError(failure, "scripted")) },
        files: {
          info: (path) => Promise.resolve(this.files.get(path) ?? null),
          remove: (path) => Promise.resolve(void this.files.delete(path)),
          setMode: (_path, mode) => Promise.resolve(void this.modes.push(mode)),
          uid: 0,
        },
      },
    });
  }
}

Deno.test("the path is beside the engine's own, and what a dead process left there is removed", async () => {
  const scene = new Scene();
  scene.files.set(PATH, OWN);
  assertEquals(await scene.place.prepare(), PATH);
  assertEquals([scene.files.size, scene.notices], [0, []]);
});

Deno.test("a socket that is open to others is closed to them; at the end it is removed", async () => {
  const scene = new Scene();
  await scene.place.prepare();
  await scene.place.guard(); // nobody listens: nothing to guard
  scene.files.set(PATH, OWN);
  await scene.place.guard();
  assertEquals(scene.modes, [0o600]);
  await scene.place.remove();
  assertEquals(scene.files.size, 0);
});

const TAKEN: readonly (readonly [what: string, info: FileInfo, failure?: DialFailure])[] = [
  ["is a symbolic link", { ...OWN, kind: "symlink" }],
  ["is not a socket", { ...OWN, kind: "file" }],
  ["belongs to another user", { ...OWN, uid: 4711 }],
  ["answers", OWN, "other"],
];

for (const [what, info, failure] of TAKEN) {
  Deno.test(`without direct calls, with a notice, and left alone: what stands there ${what}`, async () => {
    const scene = new Scene(SOCKET, failure);
    scene.files.set(PATH, info);
    assertEquals(await scene.place.prepare(), null);
    assertStringIncludes(scene.notices.join(), what);
    assertEquals(scene.place.channel((options) => new FrameChannel(options)), null);
    await scene.place.guard();
    await scene.place.remove();
    assertEquals([scene.files.size, scene.modes, scene.notices.length], [1, [], 1]);
  });
}

Deno.test("a path that would be too long is not offered", async () => {
  const fits = new Scene(`/${"x".repeat(99)}`);
  assert(await fits.place.prepare() !== null);
  const long = new Scene(`/${"x".repeat(100)}`);
  assertEquals([await long.place.prepare(), long.notices.length], [null, 1]);
});

Deno.test("nobody is called once the process is gone", async () => {
  const scene = new Scene();
  await scene.place.prepare();
  scene.place.close();
  const channel = scene.place.channel((options) => new FrameChannel(options));
  assertEquals(await outcome(channel!.call({ name: "f", argument: json(1) })), "upstream_failed");
});
