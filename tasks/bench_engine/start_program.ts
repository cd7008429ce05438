/** The executable, with an engine that was unpacked before. */
import { Program } from "../bench/program.ts";
import type { Asked } from "./embeddings.ts";
import type { EngineRig } from "./engine_rig.ts";

/** The default name of the engine. */
export const ENGINE = "python";

/** Starts the executable at `path`, which keeps what it unpacks in `data`. */
export async function startProgram(
  rig: EngineRig,
  { path, data }: { readonly path: string; readonly data: string },
): Promise<Program> {
  const argv = ["env", `XDG_DATA_HOME=${data}`, path, "serve", "--listen", "127.0.0.1:0"];
  return await Program.start(rig.yard, argv);
}

/** Has the engine unpacked to `data`; gives the milliseconds until it was started after that. */
export async function unpack(
  rig: EngineRig,
  where: { readonly path: string; readonly data: string },
): Promise<number> {
  await using program = await startProgram(rig, where);
  const began = performance.now();
  await program.change(ENGINE, "start");
  return performance.now() - began;
}

/** Where a client asks for embeddings. */
export function askedOf({ address }: Program): Asked {
  if (address.transport !== "tcp") throw new TypeError("a program listens on TCP");
  return { hostname: address.hostname, port: address.port };
}
