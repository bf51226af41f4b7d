/**
 * The path and query of a request target; of an absolute target (`GET http://host/path`) only the
 * part from its path on.
 */
export function splitTarget(target: string): readonly [path: string, query: string] {
  const origin = target.startsWith("/") ? null : /^https?:\/\/[^/?#]*/i.exec(target);
  const local = origin === null ? target : target.slice(origin[0].length);
  const question = local.indexOf("?");
  return question === -1 ? [local, ""] : [local.slice(0, question), local.slice(question + 1)];
}
