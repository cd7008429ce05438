import { assertEquals, assertMatch } from "@std/assert";
import { settle } from "../support/fake_clock.ts";
import { FrontWorld, get } from "./support/front_world.ts";

const CROSS = "Sec-Fetch-Site: cross-site";
const NAVIGATION = ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", CROSS];

/** Target, fields, and what is answered; a host goes in place of localhost. */
const ROWS: readonly (readonly [string, readonly string[], number, host?: string])[] = [
  ["/", [], 200],
  ["/upstream/x", [], 200],
  ["/upstream/x", [CROSS], 403],
  ["/upstream/x", ["Sec-Fetch-Site: same-site"], 403],
  ["/upstream/x", ["Origin: http://evil.example"], 403],
  ["/upstream/x", ["Origin: null"], 403],
  ["/upstream/x", ["Origin: http://localhost:7411"], 200, "localhost:7411"],
  ["/upstream/x", ["Origin: http://localhost", "Origin: http://evil.example"], 403],
  ["/upstream/x", NAVIGATION, 403],
  ["/", NAVIGATION, 200],
  ["/?x=/", NAVIGATION, 200],
  ["/api/engines", [CROSS], 403],
  ["/upstream/x", [], 421, "evil.example"],
  ["/", [], 421, "evil.example"],
  ["http://evil.example/", [], 421, "evil.example"],
];

Deno.test("access is decided before anything is dispatched, for pages and engines alike", async () => {
  for (const [target, fields, status, host = "localhost"] of ROWS) {
    const served: string[] = [];
    const { ask, end } = new FrontWorld({
      ours: () => {
        served.push("ours");
        return Promise.resolve(new Response("ours"));
      },
      async forward(exchange) {
        served.push("gateway");
        const plan = exchange.planResponse({ status: 200, body: { kind: "none" } });
        const head = new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await exchange.send(head, { plan, bodyBytes: 0, then: "end" });
      },
    });
    const text = get(target, ...fields).replace("Host: localhost", `Host: ${host}`);
    const { writtenText } = await ask(text);
    await settle();
    assertMatch(writtenText, new RegExp(`^HTTP/1\\.1 ${status} `), text);
    assertEquals(served.length, status === 200 ? 1 : 0, text);
    await end();
  }
});

Deno.test("the control socket is asked nothing", async () => {
  const { ask, end } = new FrontWorld({ kind: "control" });
  const text = get("/", CROSS, "Origin: null").replace("Host: localhost", "Host: anything");
  assertMatch((await ask(text)).writtenText, /^HTTP\/1\.1 200 /);
  await end();
});
