/**
 * Path templates, such as `/v1/{name=projects/*\/instances/*}:export`.
 *
 *     Template = "/" Segments [ Verb ] ;
 *     Segments = Segment { "/" Segment } ;
 *     Segment  = "*" | "**" | LITERAL | Variable ;
 *     Variable = "{" FieldPath [ "=" Segments ] "}" ;
 *     FieldPath = IDENT { "." IDENT } ;
 *     Verb     = ":" LITERAL ;
 *
 * @see google/api/http.proto, "Path template syntax"
 */
export interface Template {
  /** The template as written. */
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
  /** In the order of the path. */
  readonly variables: readonly TemplateVariable[];
  /** The text after the final colon, decoded; empty for none. */
  readonly verb: string;
}

/**
 * `one` is `*`, exactly one segment; `rest` is `**`, any number of segments, including none. A
 * literal is decoded.
 */
export type TemplateSegment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "rest" };

/** A field whose value is a part of the path. */
export interface TemplateVariable {
  /** Names of fields in the proto, such as `instance`, `name`. */
  readonly fieldPath: readonly string[];
  /** The index of its first segment, and the index after its last. */
  readonly start: number;
  readonly end: number;
  /** Whether the variable has exactly one segment, whose encoding differs from that of several. */
  readonly isSingle: boolean;
}

const ONE: TemplateSegment = { kind: "one" };
const REST: TemplateSegment = { kind: "rest" };
const FIELD_PATH = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;
/**
 * The characters that RFC 3986 allows in a segment, except the colon, which begins a verb, and `*`,
 * which is a wildcard.
 */
const LITERAL = /^(?:[A-Za-z0-9._~!$&'()+,;=@-]|%[0-9A-Fa-f]{2})+$/;

/**
 * Reads a template.
 *
 * At most one `**` is allowed. http.proto requires it to be last, but published services have
 * literals and `*` after it, as in `{name=**\/operations/*}`, and Google's own proxies accept this.
 *
 * @throws {TypeError} with the template and the problem
 */
export function parseTemplate(text: string): Template {
  const refuse = (rule: string): TypeError => new TypeError(`Path template ${JSON.stringify(text)}: ${rule}`);
  const match = /^\/((?:[^{}:]|\{[^{}]*\})*)(?::([^/{}]*))?$/.exec(text);
  if (match === null) {
    throw refuse("expected segments that each follow a slash, and a verb behind a colon at most");
  }
  const segments: TemplateSegment[] = [];
  const variables: TemplateVariable[] = [];
  for (const piece of piecesOf(match[1] ?? "")) {
    const start = segments.length;
    const variable = /^\{([^=]*)(?:=(.*))?\}$/.exec(piece);
    if (variable === null) {
      segments.push(segmentOf(piece, refuse));
      continue;
    }
    const [, path = "", inside = "*"] = variable;
    if (!FIELD_PATH.test(path)) throw refuse(`"${path}" is no path of a field`);
    segments.push(...inside.split("/").map((each) => segmentOf(each, refuse)));
    const only = segments.length === start + 1 ? segments[start] : undefined;
    const isSingle = only !== undefined && only.kind !== "rest";
    variables.push({ fieldPath: path.split("."), start, end: segments.length, isSingle });
  }
  if (segments.filter(({ kind }) => kind === "rest").length > 1) throw refuse("** may stand once");
  const names = variables.map(({ fieldPath }) => fieldPath.join("."));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refuse(`"${twice}" is bound twice`);
  return { text, segments, variables, verb: verbOf(match[2], refuse) };
}

/** Splits at slashes outside of braces. */
function piecesOf(text: string): readonly string[] {
  return text.match(/(?:[^/{]|\{[^}]*\})+|(?<=\/|^)(?=\/|$)/g) ?? [];
}

type Refuse = (rule: string) => TypeError;

function segmentOf(text: string, refuse: Refuse): TemplateSegment {
  if (text === "*") return ONE;
  if (text === "**") return REST;
  return { kind: "literal", text: literal(text, refuse) };
}

function verbOf(text: string | undefined, refuse: Refuse): string {
  return text === undefined ? "" : literal(text, refuse);
}

function literal(text: string, refuse: Refuse): string {
  if (!LITERAL.test(text)) throw refuse(`"${text}" is no segment`);
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse(`"${text}" is not percent-encoded UTF-8`);
  }
}

/** The form of a version in a path: `v1`, `v1beta1`, `v2p1alpha`. @see AIP-185 */
const VERSION = /^v\d+[a-z0-9]*$/;

/** The version at the beginning of a template; undefined for none. */
export function versionOf({ segments }: Template): string | undefined {
  const [first] = segments;
  return first?.kind === "literal" && VERSION.test(first.text) ? first.text : undefined;
}
