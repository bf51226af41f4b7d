import { type DescField, type DescMethodUnary, type Message, ScalarType } from "@bufbuild/protobuf";
import { LIMITS } from "../../core/limits.ts";
import { type Binding, bindingsOf, type BoundVariable } from "../http-rule/binding.ts";
import { versionOf } from "../http-rule/template.ts";

/** Where a request would be sent over REST, as the name of a resource. */
export interface RequestPath {
  /** Segments up to the last one that the request names, such as `projects`, `p`, `locations`, `l`. */
  readonly named: readonly string[];
  /** What the address has behind them, such as `instances`, without the verb. */
  readonly collection: readonly string[];
}

/**
 * The address of a request by each of the RPC's bindings whose variables it has values for, in the order of the bindings. Without
 * the version and whatever else stands in front of a whole name.
 *
 * @see google/api/http.proto
 */
export function pathsOf(rpc: DescMethodUnary, request: Message): readonly RequestPath[] {
  const bindings = known.get(rpc) ?? bindingsOf(rpc);
  known.set(rpc, bindings);
  return bindings.map((binding) => pathOf(binding, request)).filter((path) => path !== undefined);
}

/** Each start asks for them. */
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

/** Whether segments are what a variable's pattern has. */
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

/** The text of a variable; undefined where the request has none that can be a name. */
function valueOf(request: Message, fields: BoundVariable["fields"]): string | undefined {
  let at: unknown = request;
  for (const field of fields) {
    at = fieldValue(at, field);
    if (at === undefined) return undefined;
  }
  const text = fields.at(-1)?.scalar === ScalarType.STRING ? withoutHost(at as string) : String(at);
  return text.length > LIMITS.nameLengthMax ? undefined : text;
}

/** The value of a field that holds one; undefined where it is not there, or is what the field has by default. */
export function fieldValue(message: unknown, { oneof, localName }: DescField): unknown {
  if (typeof message !== "object" || message === null) return undefined;
  const members = message as Record<string, unknown>;
  if (oneof === undefined) return members[localName] || undefined;
  const chosen = members[oneof.localName] as { readonly case?: string; readonly value?: unknown } | undefined;
  return chosen?.case === localName ? chosen.value || undefined : undefined;
}

/** A name without the service in front of it that full names have: `//redis.googleapis.com/projects/p`. @see AIP-122 */
export function withoutHost(name: string): string {
  return name.replace(/^\/\/[^/]*\//, "");
}
