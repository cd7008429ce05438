import type { ShutdownReport, Supervisor } from "../supervisor/mod.ts";

/** The close of the program: begun once, forced by a second call. */
export class Closing {
  readonly report: Promise<ShutdownReport>;
  readonly #supervisor: Supervisor;
  #resolve: (report: Promise<ShutdownReport>) => void = () => {};
  #isBegun = false;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.report = new Promise((resolve) => this.#resolve = resolve);
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  begin(force: boolean): void {
    this.#isBegun = true;
    this.#resolve(this.#supervisor.shutdown({ force }));
  }
}
