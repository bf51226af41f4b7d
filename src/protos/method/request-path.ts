import { type DescField, type DescMethodUnary, type Message, ScalarType } from "@bufbuild/protobuf";
import { LIMITS } from "../../core/limits.ts";
import { type Binding, bindingsOf, type BoundVariable } from "../http-rule/binding.ts";
import { versionOf } from "../http-rule/template.ts";

/** The REST path of a request, as the name of a resource. */
export interface RequestPath {
  /**
   * Segments up to the last one with a value from the request, such as `projects`, `p`,
   * `locations`, `l`.
   */
  readonly named: readonly string[];
  /** The segments after them, such as `instances`, without the verb. */
  readonly collection: readonly string[];
}

/**
 * The path of a request for each binding of the RPC whose variables have values, in the order of
 * the bindings. Without the version and any other prefix of a full name.
 *
 * @see google/api/http.proto
 */
export function pathsOf(rpc: DescMethodUnary, request: Message): readonly RequestPath[] {
  const bindings = known.get(rpc) ?? bindingsOf(rpc);
  known.set(rpc, bindings);
  return bindings.map((binding) => pathOf(binding, request)).filter((path) => path !== undefined);
}

/** A cache, because each start needs them. */
const known = new WeakMap<DescMethodUnary, readonly Binding[]>();

function pathOf({ template, variables }: Binding, request: Message): RequestPath | undefined {
  const last = variables.at(-1);
  if (last === undefined) return undefined;
  const segments: string[] = [];
  const hasName = variables.some(({ isSingle }) => !isSingle);
  let at = versionOf(template) === undefined ? 0 : 1;
  for (const variable of variables) {
    const value = valueOf(request, variable.fields)?.split("/") ?? [];
    if (!fits(value, template.segments.slice(variable.start, variable.end))) return undefined;
    const literals = template.segments.slice(at, variable.start);
    const isBeforeName = hasName && segments.length === 0 && !variable.isSingle;
    if (!isBeforeName) segments.push(...literals.map(textOf));
    segments.push(...value);
    at = variable.end;
  }
  return { named: segments, collection: template.segments.slice(last.end).map(textOf) };
}

type Segment = Binding["template"]["segments"][number];

function textOf(segment: Segment): string {
  return segment.kind === "literal" ? segment.text : "";
}

/** Whether segments match the pattern of a variable. */
function fits(value: readonly string[], pattern: readonly Segment[]): boolean {
  const rest = pattern.findIndex(({ kind }) => kind === "rest");
  const isLong = rest === -1 ? value.length === pattern.length : value.length >= pattern.length - 1;
  const first = rest === -1 ? pattern : pattern.slice(0, rest);
  return (
    isLong &&
    value.every((segment) => segment !== "") &&
    first.every((segment, index) => segment.kind === "one" || textOf(segment) === value[index])
  );
}

/** The text of a variable; undefined if the request has none that can be a name. */
function valueOf(request: Message, fields: BoundVariable["fields"]): string | undefined {
  let at: unknown = request;
  for (const field of fields) {
    at = fieldValue(at, field);
    if (at === undefined) return undefined;
  }
  const text = fields.at(-1)?.scalar === ScalarType.STRING ? withoutHost(at as string) : String(at);
  return text.length > LIMITS.nameLengthMax ? undefined : text;
}

/** The value of a singular field; undefined if it is missing or has its default. */
export function fieldValue(message: unknown, { oneof, localName }: DescField): unknown {
  if (typeof message !== "object" || message === null) return undefined;
  const members = message as Record<string, unknown>;
  if (oneof === undefined) return members[localName] || undefined;
  const chosen = members[oneof.localName] as { readonly case?: string; readonly value?: unknown } | undefined;
  return chosen?.case === localName ? chosen.value || undefined : undefined;
}

/**
 * A name without the service prefix of full names: `//redis.googleapis.com/projects/p`. @see
 * AIP-122
 */
export function withoutHost(name: string): string {
  return name.replace(/^\/\/[^/]*\//, "");
}
