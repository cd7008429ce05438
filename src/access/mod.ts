/** The door of `access`. */
export * from "./decide.ts";
export * from "./host.ts";
export * from "./listen_address.ts";
export { clearLoginCookie, setLoginCookie, withoutLogins } from "./login_cookie.ts";
export { LOGIN_PATH, LOGOUT_PATH, type Role, ROLES } from "./reach.ts";
export * from "./tokens.ts";
