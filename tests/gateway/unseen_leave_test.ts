/** Clients that leave with something of theirs still unread: they are seen for all that. */
import { assertEquals } from "@std/assert";
import { drain, get, House, postHead, readTo, send } from "./support/house.ts";

/** What is sent, all of which the system has before the client leaves. */
const ASKS = {
  "an empty line behind its request": get("/upstream/e/") + "\r\n",
  "a second request behind the first": get("/upstream/e/") + get("/upstream/e/"),
  "a hundred requests behind the first": get("/upstream/e/").repeat(101),
};

for (const [says, asks] of Object.entries(ASKS)) {
  Deno.test(`a client that leaves with ${says} is seen: the engine's connection ends`, async () => {
    await using house = new House();
    house.play = async (conn) => {
      await readTo(conn, "\r\n\r\n");
      await drain(conn);
    };
    const client = await house.connect(asks);
    await house.until(() => house.open === 1, "the engine has the request");
    client.close();
    await house.until(() => house.open === 0 && house.held === 0, "the engine's side ended");
    assertEquals(house.dials, 1);
  });

  Deno.test(`a client that sends ${says} later and leaves is seen, too`, async () => {
    await using house = new House();
    house.play = async (conn) => {
      await readTo(conn, "\r\n\r\n");
      await drain(conn);
    };
    const client = await house.connect(get("/upstream/e/"));
    await house.until(() => house.open === 1, "the engine has the request");
    await send(client, asks.slice(get("/upstream/e/").length));
    client.close();
    await house.until(() => house.open === 0 && house.held === 0, "the engine's side ended");
  });
}

const HELD = {
  "waits to be told to go on": postHead("/upstream/e/", 1_000_000, "Expect: 100-continue"),
  "has sent 40 kB of its body": postHead("/upstream/e/", 1_000_000) + "x".repeat(40_000),
  "has sent a whole body": postHead("/upstream/e/", 40_000) + "x".repeat(40_000),
};

for (const [says, asks] of Object.entries(HELD)) {
  Deno.test(`a client that ${says} and leaves while it is held gives up its place`, async () => {
    await using house = new House();
    let places = 0;
    house.admit = ({ signal }) =>
      new Promise((_, reject) => {
        places++;
        signal?.addEventListener("abort", () => {
          places--;
          reject(signal.reason);
        });
      });
    const client = await house.connect(asks);
    await house.until(() => places === 1, "it is held");
    client.close();
    await house.until(() => places === 0, "its place is given up");
    assertEquals([house.dials, house.held], [0, 0]);
  });
}
