/** The same bytes to our server codec and to Node's parser (llhttp), which millions rely on. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { assertExplained, differ, EXPLAINED } from "./support/differential.ts";
import { hasNode, NodeParser } from "./support/node_parser.ts";
import { bytesOf } from "./support/play.ts";
import { anyRequests, brokenCommonRequests, commonRequests } from "./support/requests.ts";

const SEED = 20_260_101;
const ignore = !await hasNode();

for (
  const [name, inputs, numRuns] of [
    ["valid requests", commonRequests, 500],
    ["broken requests", brokenCommonRequests, 3_000],
    ["any bytes", anyRequests, 500],
  ] as const
) {
  Deno.test({ name: `where we accept, Node accepts the same: ${name}`, ignore }, async () => {
    await using node = await NodeParser.start();
    for (const { input } of fc.sample(inputs, { seed: SEED, numRuns })) {
      await assertExplained(node, input);
    }
  });
}

for (const { why, example, covers } of EXPLAINED) {
  Deno.test({ name: `where we differ from Node, right are ${why}`, ignore }, async () => {
    await using node = await NodeParser.start();
    const difference = await differ(node, bytesOf(example));
    assert(difference !== undefined && covers(difference));
  });
}

Deno.test({ name: "Node is heard: it takes a request and refuses another", ignore }, async () => {
  await using node = await NodeParser.start();
  const input = "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + "GARBAGE\r\n\r\n";
  assertEquals(await node.parse(bytesOf(input)), {
    requests: [{ method: "POST", target: "/x", bodyBytes: 2 }],
    error: "HPE_INVALID_METHOD",
  });
});
