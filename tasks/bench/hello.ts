/** A one-line `Deno.serve`: the floor of start, memory and idling. */
import { inRoot } from "../support/root.ts";
import { Program } from "./program.ts";
import type { Subject } from "./rig.ts";
import { noReference, type Reference, reference } from "./row.ts";
import type { Yard } from "./yard.ts";

const NAME = "one-line `Deno.serve`";

/** Starts it from source, as the program is, on the Deno at `deno`. */
export function startHello(yard: Yard, deno: string = Deno.execPath()): Promise<Program> {
  const script = inRoot("tasks", "bench", "hello_server.ts");
  return Program.start(yard, [deno, "run", "--quiet", "-A", script]);
}

/** Its figures beside those of `subject`; an executable has its like only in another executable. */
export function helloReference(subject: Subject, samples: readonly number[]): Reference {
  return subject.kind === "source"
    ? reference(NAME, samples)
    : noReference(`${NAME}, compiled`, "not compiled here");
}
