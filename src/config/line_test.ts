/**
 * Whether a line has `pattern` in it: a text, or between slashes a regular expression, behind which `i`
 * and `u` may stand. Throws `SyntaxError`.
 */
export function toLineTest(pattern: string): (line: string) => boolean {
  const [, source, flags] = /^\/(.+)\/([iu]*)$/.exec(pattern) ?? [];
  if (source === undefined) return (line) => line.includes(pattern);
  const expression = new RegExp(source, flags);
  return (line) => expression.test(line);
}
