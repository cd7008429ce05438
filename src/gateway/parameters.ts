/** One parameter of a field's value: `; name=token` or `; name="text"`. */
const PARAMETER = /[ \t]*;[ \t]*([^\s;=]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/y;

/**
 * The parameter `name` (lower case) of `value`, which is read up to what is no parameter any more: what
 * stands in another one's quotes is none.
 */
export function readParameter(value: string, name: string): string | undefined {
  PARAMETER.lastIndex = Math.max(value.indexOf(";"), 0);
  for (let match = PARAMETER.exec(value); match !== null; match = PARAMETER.exec(value)) {
    if (match[1]?.toLowerCase() !== name) continue;
    return match[3] ?? match[2]?.replaceAll(/\\(.)/g, "$1");
  }
  return undefined;
}
