import type { HmacSha256, Scheme } from "../core/mod.ts";
import { parseHost, portOf } from "./host.ts";
import { cookieValues, loginCookieName } from "./login_cookie.ts";
import type { Role } from "./reach.ts";
import { SecretTable } from "./secret_table.ts";

/** A token and what it is good for. */
export interface TokenEntry {
  readonly role: Role;
  /** See {@linkcode isToken}. */
  readonly token: string;
}

/** In characters: 32 are 128 bits even when they are hexadecimal digits. */
export const MIN_TOKEN_LENGTH = 32;
export const MAX_TOKEN_LENGTH = 256;

/** What may follow `Bearer` (RFC 6750 section 2.1). */
const B64TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** Of SHA-256 in base64url. */
const COOKIE_LENGTH = 43;

/** What the value of the cookie is made of beside the token; another number ends all logins. */
const COOKIE_LABEL = "ai-engine login 1";

/** Of cookies of one name a browser sends few; more are somebody's try to keep us busy. */
const MAX_COOKIES = 8;

/** What a request says about who sends it; `null` for a field that is not there. */
export interface Credentials {
  readonly host: string | null;
  /** See `AccessHead`. */
  readonly authority: string | null;
  readonly authorization: string | null;
  readonly cookie: string | null;
}

/** Somebody who may sign in. */
export interface Login {
  readonly role: Role;
  /** What the cookie holds instead of the token; the same as long as the token is. */
  readonly cookieValue: string;
}

/** Whether `text` is made of the characters of a token. */
export function isToken(text: string): boolean {
  return B64TOKEN.test(text);
}

/** The tokens that open this program. */
export class Tokens {
  #logins: SecretTable<Login>;
  #cookies: SecretTable<Role>;

  private constructor(logins: readonly (readonly [token: string, login: Login])[]) {
    this.#logins = new SecretTable(logins, MAX_TOKEN_LENGTH);
    const cookies = logins.map(([, { cookieValue, role }]) => [cookieValue, role] as const);
    this.#cookies = new SecretTable(cookies, COOKIE_LENGTH);
  }

  static async of(entries: readonly TokenEntry[], hmac: HmacSha256): Promise<Tokens> {
    const logins = entries.map(async ({ role, token }) => {
      const digest = await hmac(token, COOKIE_LABEL);
      const cookieValue = digest.toBase64({ alphabet: "base64url", omitPadding: true });
      return [token, { role, cookieValue }] as const;
    });
    return new Tokens(await Promise.all(logins));
  }

  /** From now on it knows what `other` does, and no other token or login. */
  become(other: Tokens): void {
    this.#logins = other.#logins;
    this.#cookies = other.#cookies;
  }

  /** Who has `token`. */
  login(token: string): Login | undefined {
    return isToken(token) ? this.#logins.find(token) : undefined;
  }

  /** The role of who sends a request: that of its token, else of its login, which `scheme` belongs to. */
  roleOf(credentials: Credentials, scheme: Scheme = "http"): Role | undefined {
    const { authorization, cookie } = credentials;
    const token = authorization === null ? undefined : bearerToken(authorization);
    const login = token === undefined ? undefined : this.login(token);
    if (login !== undefined || cookie === null) return login?.role;
    return this.#roleOfCookie(cookie, cookieNameFor(credentials, scheme));
  }

  /** Whether an `Authorization` holds a token of ours, also beside something else. */
  isIn(authorization: string): boolean {
    return authorization.split(/[\s,]+/).some((word) => this.login(word) !== undefined);
  }

  #roleOfCookie(field: string, name: string): Role | undefined {
    for (const value of cookieValues(field, name).slice(0, MAX_COOKIES)) {
      const role = this.#cookies.find(value);
      if (role !== undefined) return role;
    }
    return undefined;
  }
}

/** The name of the login cookie on the address that a request was sent to. */
export function cookieNameFor(
  { host, authority }: Pick<Credentials, "host" | "authority">,
  scheme: Scheme = "http",
): string {
  const address = parseHost(authority ?? host ?? "") ?? { port: null };
  return loginCookieName(portOf(address, scheme));
}

/** The token of `Authorization: Bearer TOKEN`; `undefined` for every other form. */
function bearerToken(authorization: string): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization)?.[1];
}
