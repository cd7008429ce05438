const SECRET = /(^|[^a-z])(token|secret|passw(or)?d|credentials?|api_?key|auth|key)$/i;

/** Whether a variable, flag or header that is called so holds what nobody else is to see. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}
