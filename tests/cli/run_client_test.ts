import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { compareVersions } from "../../src/cli/version_notice.ts";
import { FakeCli, jsonAnswer, readyView, supervisorOf } from "./support/fake_cli.ts";

const READY = { answer: supervisorOf([readyView()]) };

Deno.test("a command line older or newer than the supervisor says so, once, on stderr", async () => {
  const older = new FakeCli({ ...READY, supervisorVersion: "1.10.0" });
  assertEquals(await older.run("ps", "-q"), 0);
  assertEquals(older.stdout.text, "python\n");
  assertEquals(
    older.stderr.text,
    "note: this command line is older than the supervisor: it is 1.2.3, the supervisor is 1.10.0; " +
      "try: use the newer program\n",
  );
  const newer = new FakeCli({ ...READY, supervisorVersion: "1.2.3-rc.1" });
  await newer.run("ps");
  assertMatch(newer.stderr.text, /^note: this command line is newer .*`ai-engine shutdown`.*\n$/);
  const json = new FakeCli({ ...READY, supervisorVersion: "2.0.0" });
  assertEquals(await json.run("ps", "--json"), 0);
  assertEquals(JSON.parse(json.stdout.text).schema, 1);
  assertStringIncludes(JSON.parse(json.stderr.text).notice.title, "older");
});

Deno.test("compareVersions() takes numbers as numbers, and a candidate for older", () => {
  const ordered = ["0.9.0", "1.2", "1.2.0-rc", "1.2.0-rc.1", "1.2.0-rc.2", "1.2.0", "1.10.0"];
  for (let i = 1; i < ordered.length; i++) {
    const [a = "", b = ""] = [ordered[i - 1], ordered[i]];
    assertEquals(Math.sign(compareVersions(a, b)), -1, `${a} ${b}`);
    assertEquals(Math.sign(compareVersions(b, a)), 1, `${b} ${a}`);
    assertEquals(compareVersions(a, a), 0);
  }
});

Deno.test("metrics prints the text of the supervisor, and asks for it as text", async () => {
  const text = "# TYPE a counter\na 1\n";
  const cli = new FakeCli({ answer: () => ({ status: 200, text, json: undefined }) });
  assertEquals(await cli.run("metrics"), 0);
  assertEquals([cli.stdout.text, cli.asked], [text, ["GET /metrics"]]);
  const json = new FakeCli({ answer: () => ({ status: 200, text, json: undefined }) });
  await json.run("metrics", "--json");
  assertEquals(JSON.parse(json.stdout.text), { schema: 1, text });
});

/** A supervisor with these URLs; the fake's own answer to the first look is passed over. */
function withUrls(urls: unknown) {
  let looks = 0;
  const health = () =>
    jsonAnswer({ status: "ok", version: "1.2.3", ...(urls === null ? {} : { urls }) });
  return { answer: () => (looks++, health()) };
}

Deno.test("ui prints the address, and opens it only on a terminal", async () => {
  const urls = ["http://127.0.0.1:7411", "http://[::1]:7411"];
  const pipe = new FakeCli(withUrls(urls));
  assertEquals(await pipe.run("ui"), 0);
  assertEquals([pipe.stdout.text, pipe.opened], ["http://127.0.0.1:7411\n", []]);
  const terminal = new FakeCli({ ...withUrls(urls), terminal: 80, opens: true });
  await terminal.run("ui");
  assertEquals([terminal.opened, terminal.stderr.text], [["http://127.0.0.1:7411"], ""]);
  const shut = new FakeCli({ ...withUrls(urls), terminal: 80, opens: true });
  await shut.run("ui", "--no-open");
  const json = new FakeCli({ ...withUrls(urls), terminal: 80, opens: true });
  await json.run("ui", "--json");
  assertEquals([shut.opened, json.opened], [[], []]);
  assertEquals(json.stdout.text, '{"schema":1,"url":"http://127.0.0.1:7411"}\n');
});

Deno.test("ui names an address that a browser on this machine can open", async () => {
  for (
    const [url, shown] of [["http://0.0.0.0:80", "http://127.0.0.1:80"], [
      "https://[::]:1",
      "https://[::1]:1",
    ]]
  ) {
    const cli = new FakeCli(withUrls([url]));
    await cli.run("ui");
    assertEquals(cli.stdout.text, `${shown}\n`);
  }
});

Deno.test("ui says what to do where there is no address, and where no browser can be opened", async () => {
  for (const urls of [[], null]) {
    const cli = new FakeCli(withUrls(urls));
    assertEquals(await cli.run("ui"), 5);
    assertStringIncludes(cli.stderr.text, "try: Give it one: ai-engine serve --listen");
  }
  const cli = new FakeCli({ ...withUrls(["http://127.0.0.1:1"]), terminal: 80 });
  assertEquals(await cli.run("ui"), 0);
  assertStringIncludes(cli.stderr.text, "open the address yourself");
});
