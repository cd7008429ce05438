/** Tabs that ask for everything and never read it. */
import { type Address, askOk, encodeRaw } from "../bench/raw_http.ts";

const TOPICS = "snapshot,state,python_status,python_input,notice,log,request";
const STREAM = encodeRaw({ method: "GET", target: `/api/events?topics=${TOPICS}` }, "kept");

export class DeafTabs implements AsyncDisposable {
  readonly #address: Extract<Address, { transport: "tcp" }>;
  readonly #count: number;
  readonly #open: Deno.Conn[] = [];
  #isClosed = false;
  #keeping: Promise<void> | undefined;

  private constructor(address: Address, count: number) {
    if (address.transport !== "tcp") throw new TypeError("tabs come by TCP");
    this.#address = address;
    this.#count = count;
  }

  /** Opens `count` of them, and another for each that is let go. */
  static async open(address: Address, count: number): Promise<DeafTabs> {
    const tabs = new DeafTabs(address, count);
    await tabs.#fill();
    tabs.#keeping = tabs.#keep();
    return tabs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#keeping;
    for (const connection of this.#open) connection.close();
  }

  async #keep(): Promise<void> {
    while (!this.#isClosed) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      await this.#fill();
    }
  }

  /** As the program counts them: who does not read does not see that it was let go. */
  async #fill(): Promise<void> {
    const { body } = await askOk(this.#address, { method: "GET", target: "/api/limits" });
    const { limits } = JSON.parse(body) as { limits: { name: string; used: number }[] };
    const used = limits.find(({ name }) => name === "event_streams")?.used ?? 0;
    for (let open = used; open < this.#count; open++) {
      const connection = await Deno.connect(this.#address);
      this.#open.push(connection);
      await connection.write(STREAM);
    }
  }
}
