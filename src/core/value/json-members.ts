/**
 * Reads members of a JSON object whose text may be cut: complete members, and the existing part of
 * a cut string. It reads only as far as necessary, and never recurses.
 *
 * @param names the members to read
 */
export function leadingMembers(json: string, names: readonly string[]): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  let at = past(json, 0, "{");
  while (at !== undefined && found.size < names.length) {
    const nameEnd = endOfValue(json, at);
    const from = past(json, nameEnd, ":");
    if (from === undefined || json[at] !== '"') break;
    const end = endOfValue(json, from);
    const name = valueOf(json.slice(at, nameEnd));
    if (typeof name === "string" && names.includes(name)) {
      // Something follows every complete member, unless the text is cut.
      const value = end < json.length ? valueOf(json.slice(from, end)) : cutText(json.slice(from));
      if (value !== undefined) found.set(name, value);
    }
    at = past(json, end, ",");
  }
  return found;
}

const SPACE = /\s*/y;
/** A string, possibly cut. */
const TEXT = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)/sy;
const SCALAR = /[^,\]}\s]*/y;

/** The position after a sign; undefined if another sign is there. */
function past(json: string, from: number, sign: string): number | undefined {
  const at = endOf(SPACE, json, from);
  return json[at] === sign ? endOf(SPACE, json, at + 1) : undefined;
}

/** The end of the value that begins here; the end of the text if the value is cut. */
function endOfValue(json: string, from: number): number {
  if (json[from] === '"') return endOf(TEXT, json, from);
  if (json[from] !== "{" && json[from] !== "[") return endOf(SCALAR, json, from);
  let depth = 0;
  for (let at = from; at < json.length; at++) {
    const sign = json[at];
    if (sign === '"') at = endOf(TEXT, json, at) - 1;
    else if (sign === "{" || sign === "[") depth++;
    else if ((sign === "}" || sign === "]") && --depth === 0) return at + 1;
  }
  return json.length;
}

function endOf(pattern: RegExp, json: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(json) ? pattern.lastIndex : from;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The existing part of a cut string, without a half escape. */
function cutText(text: string): unknown {
  if (!text.startsWith('"')) return undefined;
  return valueOf(`${text.replace(/(?<!\\)((?:\\\\)*)\\(?:u[\da-f]{0,3})?$/i, "$1")}"`) ?? valueOf(text);
}
