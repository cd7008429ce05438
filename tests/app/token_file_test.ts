import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseTokenFile } from "../../src/app/token_file.ts";
import { ConfigError } from "../../src/core/mod.ts";

const A = "a".repeat(32);
const B = "Bb0-._~+/".repeat(28) + "b==="; // 256 characters

function parse(...lines: readonly string[]) {
  return parseTokenFile(lines.join("\n"), "/etc/tokens");
}

Deno.test("parseTokenFile() takes a token a line, comments and empty lines between them", () => {
  const expected = [{ role: "admin", token: A }, { role: "inference", token: B }] as const;
  assertEquals(parse(`admin ${A}`, `inference ${B}`), expected);
  assertEquals(
    parse("# mine", "", `  admin \t ${A} `, "\t", "   # inference x", `inference\t${B}`, ""),
    expected,
  );
  assertEquals(parseTokenFile(`admin ${A}\r\n\r\ninference ${B}\r\n`, ""), expected);
});

/** Lines, and what is said of them. */
const FAULTS: readonly (readonly [lines: readonly string[], says: RegExp])[] = [
  [[], /^\/etc\/tokens holds no token\. .*admin TOKEN.*openssl rand/],
  [["# only", ""], /holds no token/],
  [[`user ${A}`], /^\/etc\/tokens, line 1: it begins with neither admin nor inference\./],
  [["", A], /line 2: it begins with neither/],
  [[`Admin ${A}`], /line 1: it begins with neither/],
  [[`admin:${A}`], /line 1: it begins with neither/],
  [[`admin ${A}`, "inference"], /line 2: no token follows inference\. .*openssl/],
  [[`admin ${A} # mine`], /line 1: something follows the token\. .*comments on lines of their own/],
  [[`admin ${A} ${B}`], /line 1: something follows/],
  [[`admin "${A}"`], /line 1: the token has characters .* letters, digits and -\._~\+\/ only/],
  [[`admin ${A}é`], /line 1: the token has characters/],
  [[`admin ${A}=a`], /line 1: the token has characters/],
  [[`admin ${A}\0`], /line 1: the token has characters/],
  [[`admin ${"=".repeat(40)}`], /line 1: the token has characters/],
  [
    [`admin ${A.slice(1)}`],
    /line 1: the token has less than 32 characters\. .*openssl rand -hex 32/,
  ],
  [[`admin ${B}b`], /line 1: the token has (characters|more than 256)/],
  [[`admin ${A.repeat(9)}`], /line 1: the token has more than 256 characters/],
  [[`admin ${A}`, "", `inference ${A}`], /line 3: this token stands in line 1 already/],
  [
    Array.from({ length: 65 }, (_, i) => `admin ${A}${i}`),
    /line 65: more than 64 tokens/,
  ],
];

for (const [lines, says] of FAULTS) {
  Deno.test(`parseTokenFile() refuses a file: ${says.source}`, () => {
    const error = assertThrows(() => parse(...lines), ConfigError);
    assertEquals(error.code, "config_invalid");
    assertMatch(`${error.message} ${error.remedy}`, says);
  });
}

Deno.test("parseTokenFile() never says what stands in a line", () => {
  const secret = fc.string({ maxLength: 300, unit: "binary" })
    .map((text) => `zqxj${text.replaceAll(/[\r\n]/g, "")}zqxj`);
  const line = fc.oneof(
    secret,
    secret.map((text) => `admin ${text}`),
    secret.map((text) => `inference ${A} ${text}`),
    secret.map((text) => `${text} ${A}`),
    secret.map((text) => `admin ${A}${text}`),
  );
  fc.assert(fc.property(fc.array(line, { minLength: 1 }), (lines) => {
    try {
      parse(...lines);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      assertEquals(`${error.message} ${error.remedy}`.includes("zqxj"), false, error.message);
    }
  }));
});
