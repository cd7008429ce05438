import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  clearLoginCookie,
  cookieNameFor,
  type Credentials,
  type Role,
  setLoginCookie,
  Tokens,
  withoutLogins,
} from "../../src/access/mod.ts";
import { hmacSha256 } from "../../src/platform/mod.ts";
import { ADMIN, ENTRIES, INFERENCE } from "./support/heads.ts";

const TOKENS = await Tokens.of(ENTRIES, hmacSha256);
const NAME = "ai-engine-login-7411";

const NOBODY: Credentials = {
  host: "localhost:7411",
  authority: null,
  authorization: null,
  cookie: null,
};

const loginOf = (token: string) => TOKENS.login(token)?.cookieValue ?? "";
const roleOf = (given: Partial<Credentials>) => TOKENS.roleOf({ ...NOBODY, ...given });

const ROLES: readonly (readonly [says: string, given: Partial<Credentials>, role?: Role])[] = [
  ["nothing", {}],
  ["an admin's token", { authorization: `Bearer ${ADMIN}` }, "admin"],
  ["an inference token", { authorization: `Bearer ${INFERENCE}` }, "inference"],
  ["any case of the scheme, several spaces", { authorization: `bEARER   ${ADMIN}` }, "admin"],
  ["the token alone", { authorization: ADMIN }],
  ["no space", { authorization: `Bearer${ADMIN}` }],
  ["a tab", { authorization: `Bearer\t${ADMIN}` }],
  ["another scheme", { authorization: `Token ${ADMIN}` }],
  ["the token in quotes", { authorization: `Bearer "${ADMIN}"` }],
  ["two tokens", { authorization: `Bearer ${ADMIN}, Bearer ${ADMIN}` }],
  ["a parameter", { authorization: `Bearer ${ADMIN} x=y` }],
  ["an empty token", { authorization: "Bearer " }],
  ["a token of NULs", { authorization: `Bearer ${"\0".repeat(256)}` }],
  ["the token and NULs", { authorization: `Bearer ${ADMIN}\0\0` }],
  ["a login in the header", { authorization: `Bearer ${loginOf(ADMIN)}` }],
  ["a login", { cookie: `${NAME}=${loginOf(ADMIN)}` }, "admin"],
  ["a login among others", { cookie: `a=1; ${NAME}=${loginOf(INFERENCE)}; b=2` }, "inference"],
  ["a login beside a wrong one", { cookie: `${NAME}=x; ${NAME}=${loginOf(ADMIN)}` }, "admin"],
  ["a login behind seven wrong ones", {
    cookie: `${`${NAME}=x; `.repeat(7)}${NAME}=${loginOf(ADMIN)}`,
  }, "admin"],
  ["the token as a cookie", { cookie: `${NAME}=${ADMIN}` }],
  ["a login in quotes", { cookie: `${NAME}="${loginOf(ADMIN)}"` }],
  ["a login of another port", { cookie: `ai-engine-login-7412=${loginOf(ADMIN)}` }],
  ["a login under another name", { cookie: `x${NAME}=${loginOf(ADMIN)}` }],
  ["a login in the value of another", { cookie: `a=${NAME}=${loginOf(ADMIN)}` }],
  ["a login at the port that the browser sees", {
    host: "127.0.0.1:9000",
    cookie: `ai-engine-login-9000=${loginOf(ADMIN)}`,
  }, "admin"],
  ["a login where no port is named", {
    host: "localhost",
    cookie: `ai-engine-login-80=${loginOf(ADMIN)}`,
  }, "admin"],
  ["the token counts, not the login", {
    authorization: `Bearer ${INFERENCE}`,
    cookie: `${NAME}=${loginOf(ADMIN)}`,
  }, "inference"],
  ["a login beside an Authorization of others", {
    authorization: "Basic eA==",
    cookie: `${NAME}=${loginOf(ADMIN)}`,
  }, "admin"],
];

for (const [says, given, role] of ROLES) {
  Deno.test(`Tokens.roleOf(): ${says} → ${role ?? "nobody"}`, () => {
    assertEquals(roleOf(given), role);
  });
}

Deno.test("a login holds nothing of its token, and another token has another", async () => {
  const values = [loginOf(ADMIN), loginOf(INFERENCE)];
  assertNotEquals(values[0], values[1]);
  for (const value of values) assertEquals(/^[\w-]{43}$/.test(value), true);
  const again = await Tokens.of(ENTRIES, hmacSha256);
  assertEquals(again.login(ADMIN)?.cookieValue, values[0]);
  const changed = await Tokens.of([{ role: "admin", token: `${ADMIN}x` }], hmacSha256);
  assertEquals(changed.roleOf({ ...NOBODY, cookie: `${NAME}=${values[0]}` }), undefined);
});

Deno.test("hmacSha256() is that of RFC 4231, test case 2", async () => {
  assertEquals(
    (await hmacSha256("Jefe", "what do ya want for nothing?")).toHex(),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

/** A change of one place in a text. */
const mutated = (text: string) =>
  fc.tuple(
    fc.nat(text.length),
    fc.nat(2),
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 3 }),
  ).map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

Deno.test("no token but the very one, and no login but the very one, is anybody's", () => {
  for (const token of [ADMIN, INFERENCE]) {
    fc.assert(fc.property(mutated(token), (other) => {
      fc.pre(other !== token);
      assertEquals(TOKENS.login(other), undefined);
      assertEquals(roleOf({ authorization: `Bearer ${other}` }), undefined);
    }));
    fc.assert(fc.property(mutated(loginOf(token)), (other) => {
      // Around a value white space does not count, and a semicolon ends it.
      fc.pre(other.split(";")[0]?.trim() !== loginOf(token));
      assertEquals(roleOf({ cookie: `${NAME}=${other}` }), undefined);
    }));
  }
});

Deno.test("no part of a token is one", () => {
  for (let end = 0; end < ADMIN.length; end++) {
    assertEquals(TOKENS.login(ADMIN.slice(0, end)), undefined);
    assertEquals(TOKENS.login(ADMIN.slice(end + 1)), undefined);
  }
});

Deno.test("no text at all makes roleOf() throw, or somebody", () => {
  const text = fc.option(fc.string({ unit: "binary", maxLength: 400 }), { nil: null });
  fc.assert(fc.property(text, text, text, (authorization, cookie, host) => {
    assertEquals(roleOf({ authorization, cookie, host }), undefined);
  }));
});

Deno.test("cookieNameFor() tells supervisors on two ports of a host apart", () => {
  const at = (host: string | null, authority: string | null = null) =>
    cookieNameFor({ host, authority });
  assertEquals(at("localhost:7411"), NAME);
  assertEquals(at("[::1]:7412"), "ai-engine-login-7412");
  assertEquals(at("localhost:1", "localhost:7411"), NAME);
  assertEquals([at(null), at("a b"), at("")], Array(3).fill("ai-engine-login-80"));
});

Deno.test("with https the login is Secure, and of port 443 where none is named", () => {
  const nobody = { host: "localhost", authority: null };
  assertEquals(cookieNameFor(nobody, "https"), "ai-engine-login-443");
  assertEquals(cookieNameFor({ ...nobody, host: "localhost:7411" }, "https"), NAME);
  assertEquals(setLoginCookie("n", "v", "https"), "n=v; Path=/; HttpOnly; SameSite=Strict; Secure");
  assertEquals(setLoginCookie("n", "v", "http"), "n=v; Path=/; HttpOnly; SameSite=Strict");
  assertMatch(clearLoginCookie("n", "https"), /; Secure; Max-Age=0$/);
  const cookie = `ai-engine-login-443=${loginOf(ADMIN)}`;
  const credentials = { ...NOBODY, host: "localhost", cookie };
  assertEquals([TOKENS.roleOf(credentials, "https"), TOKENS.roleOf(credentials, "http")], [
    "admin",
    undefined,
  ]);
});

Deno.test("withoutLogins() takes out logins of all ports, and leaves the rest as it came", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["a=1; b=2", "a=1; b=2"],
    ["a=1;b=2;; c", "a=1;b=2;; c"],
    [`${NAME}=x`, ""],
    [`${NAME}=x;`, ""],
    [`${NAME}=x; a=1`, "a=1"],
    [`a=1; ${NAME}=x`, "a=1"],
    [`a=1; ${NAME}=x; b="2; c`, 'a=1; b="2; c'],
    [`ai-engine-login-1=y;${NAME}=x; b`, "b"],
    [`a=${NAME}=x`, `a=${NAME}=x`],
    [`${NAME}; a=\xe9`, "a=\xe9"],
    ["", ""],
  ];
  for (const [field, rest] of rows) assertEquals(withoutLogins(field), rest, field);
});

Deno.test("withoutLogins() leaves no login in any field", () => {
  const part = fc.constantFrom(NAME, "=", ";", " ", "a", "ai-engine-login-", "\t", loginOf(ADMIN));
  fc.assert(fc.property(fc.array(part), (parts) => {
    const rest = withoutLogins(parts.join(""));
    for (const host of ["localhost:7411", "localhost"]) {
      assertEquals(roleOf({ host, cookie: rest }), undefined);
    }
    assert(rest.split(";").every((pair) => !pair.trim().startsWith(NAME)), rest);
  }));
});
