import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { TlsFileError } from "../../src/core/mod.ts";
import { loadTls } from "../../src/platform/mod.ts";
import { type Certified, certified, openssl } from "../support/certificates.ts";

async function faultsOf(cert: string, key: string) {
  const { readTlsIdentity } = await loadTls();
  const error = await assertRejects(() => readTlsIdentity({ cert, key }), TlsFileError);
  assertEquals(error.code, "config_invalid");
  return error.faults.map(({ file, detail, remedy }) => `${file}: ${detail} | ${remedy}`);
}

async function withCertified(body: (made: Certified) => Promise<void>): Promise<void> {
  await using made = await certified();
  await body(made);
}

Deno.test("a certificate and its key are read, also out of one file", () =>
  withCertified(async ({ dir, certFile, keyFile, server }) => {
    const { readTlsIdentity } = await loadTls();
    assertEquals(await readTlsIdentity({ cert: certFile, key: keyFile }), server);
    const both = `${dir}/both.pem`;
    await Deno.writeTextFile(both, `text before\n${server.cert}${server.key}`);
    await readTlsIdentity({ cert: both, key: both });
  }));

Deno.test("what can't be a certificate and its key is told by the file it is about", () =>
  withCertified(async (made) => {
    const { dir, certFile, keyFile } = made;
    const at = (name: string) => `${dir}/${name}`;
    await openssl("pkey", "-in", keyFile, "-aes256", "-passout", "pass:x", "-out", at("locked"));
    await Deno.writeTextFile(at("empty"), "");
    const broken = (await Deno.readTextFile(certFile)).replace(/\n[^-\n]{40}/, "\nAAAA");
    await Deno.writeTextFile(at("broken"), broken);
    const cases: readonly [cert: string, key: string, ...faults: RegExp[]][] = [
      [at("none"), keyFile, /^cert: The certificate \S+none is not there\. \| Correct the path/],
      [at("none"), at("no"), /^cert: .*none is not there/, /^key: The key \S+no is not there\./],
      [certFile, dir, /^key: The key \S+ is a folder\. \| Name a file/],
      [at("empty"), keyFile, /^cert: .* holds no certificate as PEM\. \| .*BEGIN CERTIFICATE/],
      [keyFile, certFile, /^cert: .* holds no certificate as PEM/],
      [certFile, certFile, /^key: .* holds no private key as PEM\. \| .*BEGIN PRIVATE KEY/],
      [certFile, at("locked"), /^key: .* has a password\. \| .*openssl pkey -in \S+locked/],
      [certFile, at("ca.key"), /^key: .* is not that of the certificate\. \| Name the key/],
      [at("broken"), keyFile, /^cert: The certificate \S+broken /],
    ];
    for (const [cert, key, ...expected] of cases) {
      const faults = await faultsOf(cert, key);
      assertEquals(faults.length, expected.length, faults.join("\n"));
      for (const [i, pattern] of expected.entries()) assertMatch(faults[i] ?? "", pattern);
    }
  }));

Deno.test("a key that everybody can read is known by its mode", () =>
  withCertified(async ({ keyFile }) => {
    const { isReadByAll } = await loadTls();
    for (const [mode, isSo] of [[0o600, false], [0o640, false], [0o644, true], [0o604, true]]) {
      await Deno.chmod(keyFile, Number(mode));
      assertEquals(await isReadByAll(keyFile), isSo);
    }
  }));
