/**
 * Signing in and out. Who has a token gets a cookie for it, which holds something made of the token;
 * nothing is kept of it here, so that it is good as long as the token is.
 *
 * @module
 */
import {
  clearLoginCookie,
  cookieNameFor,
  LOGIN_PATH,
  type Role,
  schemeOf,
  setLoginCookie,
  type Tokens,
} from "../access/mod.ts";
import { AccessError } from "../core/mod.ts";
import { credentials } from "./credentials.ts";
import { type BodyDeps, readBody } from "./body.ts";
import { formField } from "./form_field.ts";
import type { RequestContext } from "./routes.ts";
import { pageHeaders } from "./security_headers.ts";
import { renderLoginPage } from "./ui/login_page.tsx";

const WELCOME = "This program asks for a token.";
const SIGNED_IN =
  "You are signed in with a token for inference. It opens what engines serve under " +
  "/upstream; for the pages an admin's is needed.";

/** Anybody may send this much; a token has far less. */
export const MAX_LOGIN_BYTES = 4_096;

export interface LoginDeps extends BodyDeps {
  readonly tokens: Tokens;
  readonly version: string;
}

/** Where to sign in; who has done so goes on from there. */
export function showLogin(c: RequestContext, { tokens, version }: LoginDeps): Response {
  const role = tokens.roleOf(credentials(c), schemeOf(c.env.listener));
  if (role === "admin") return goTo(startOf(role));
  const isSignedIn = role !== undefined;
  const page = renderLoginPage({ version, text: isSignedIn ? SIGNED_IN : WELCOME, isSignedIn });
  return new Response(page, { headers: pageHeaders() });
}

/** Takes the token of a form; a wrong one is `unauthorized`. */
export async function signIn(c: RequestContext, deps: LoginDeps): Promise<Response> {
  const body = { ...deps, maxBytes: MAX_LOGIN_BYTES };
  const token = formField(await readBody(c.req.raw, body), "token").trim();
  const login = deps.tokens.login(token);
  if (login === undefined) throw unknownToken();
  const scheme = schemeOf(c.env.listener);
  const cookie = setLoginCookie(cookieNameFor(credentials(c), scheme), login.cookieValue, scheme);
  return goTo(startOf(login.role), cookie);
}

/** Forgets the login. */
export function signOut(c: RequestContext): Response {
  const scheme = schemeOf(c.env.listener);
  return goTo(LOGIN_PATH, clearLoginCookie(cookieNameFor(credentials(c), scheme), scheme));
}

/** Where somebody goes who has signed in. */
function startOf(role: Role): string {
  return role === "admin" ? "/" : LOGIN_PATH;
}

function goTo(location: string, cookie?: string): Response {
  const headers = new Headers({ location, "cache-control": "no-store" });
  if (cookie !== undefined) headers.set("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

function unknownToken(): AccessError {
  return new AccessError("unauthorized", {
    detail: "This is none of the tokens of this program.",
    remedy: "Take one from the file that --token-file names; changes count after a restart.",
  });
}
