import type { DescField } from "@bufbuild/protobuf";
import type { Binding, BoundVariable } from "../../protos/http-rule/binding.ts";
import type { Template } from "../../protos/http-rule/template.ts";
import { camelCase } from "./rpc-name.ts";

/** The path of a binding in documents. */
export interface DescribedPath {
  /** With one variable for each field: `v1/{+parent}/instances`. */
  readonly path: string;
  /** With one variable for each variable part: `v1/projects/{projectsId}/instances`. */
  readonly flatPath: string;
  /** The variables of `path`, with their names and fields. */
  readonly variables: readonly { readonly name: string; readonly variable: BoundVariable }[];
  /** The names in `flatPath`. */
  readonly flatNames: readonly string[];
}

/**
 * The path of a binding for documents. Undefined if a variable part belongs to no field, because
 * documents cannot describe this.
 *
 * @param taken names of the query's parameters
 * @see google/api/http.proto; contract section 3.1
 */
export function describedPath(binding: Binding, taken: ReadonlySet<string>): DescribedPath | undefined {
  const { template, variables } = binding;
  const bound = new Set(variables.flatMap(({ start, end }) => range(start, end)));
  if (template.segments.some(({ kind }, index) => kind !== "literal" && !bound.has(index))) return undefined;
  const names = namesOf(variables, taken);
  const pieces: string[] = [];
  for (let index = 0; index < template.segments.length; index++) {
    const at = variables.findIndex(({ start }) => start === index);
    const variable = variables[at];
    if (variable === undefined) pieces.push(literalAt(template, index));
    else {
      pieces.push(`{${variable.isSingle ? "" : "+"}${names[at] ?? ""}}`);
      index = variable.end - 1;
    }
  }
  const verb = template.verb === "" ? "" : `:${encodeURIComponent(template.verb)}`;
  const flat = flatSegments(binding, names, taken);
  return {
    path: pieces.join("/") + verb,
    flatPath: flat.map(({ text }) => text).join("/") + verb,
    variables: variables.map((variable, index) => ({ name: names[index] ?? "", variable })),
    flatNames: flat.flatMap(({ name }) => (name === undefined ? [] : [name])),
  };
}

/**
 * The pattern of a value with several segments; undefined for a single segment, which may be
 * anything.
 */
export function patternOf(
  { segments }: Template,
  { start, end, isSingle }: BoundVariable,
): string | undefined {
  if (isSingle) return undefined;
  const parts = segments.slice(start, end).map((segment) => {
    if (segment.kind === "literal") return segment.text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    return segment.kind === "one" ? "[^/]+" : ".*";
  });
  return `^${parts.join("/")}$`;
}

/**
 * `instance.name` is called `name`, as in Google's documents, unless another parameter has this
 * name.
 */
function namesOf(variables: readonly BoundVariable[], taken: ReadonlySet<string>): readonly string[] {
  const short = variables.map(({ fields }) => fields.at(-1)?.jsonName ?? "");
  return variables.map(({ fields }, index) => {
    const name = short[index] ?? "";
    const isFree = !taken.has(name) && short.indexOf(name) === short.lastIndexOf(name);
    return isFree ? name : parameterName(fields);
  });
}

/** The name of a parameter: the JSON names of its fields, such as `instance.displayName`. */
export function parameterName(fields: readonly DescField[]): string {
  return fields.map(({ jsonName }) => jsonName).join(".");
}

function flatSegments(
  { template, variables }: Binding,
  names: readonly string[],
  taken: ReadonlySet<string>,
): readonly { readonly text: string; readonly name?: string }[] {
  const used = new Set(taken);
  return template.segments.map(({ kind }, index) => {
    if (kind === "literal") return { text: literalAt(template, index) };
    const at = variables.findIndex(({ start, end }) => start <= index && index < end);
    const before = template.segments[index - 1];
    const isWhole =
      variables[at]?.isSingle === true ||
      before?.kind !== "literal" ||
      index - 1 < (variables[at]?.start ?? 0);
    const wish = isWhole ? (names[at] ?? "") : `${camelCase(before.text)}Id`;
    let name = wish;
    for (let count = 1; used.has(name); count++) name = `${wish}${count}`;
    used.add(name);
    return { text: `{${name}}`, name };
  });
}

function literalAt({ segments }: Template, index: number): string {
  const segment = segments[index];
  return segment?.kind === "literal" ? encodeURIComponent(segment.text) : "";
}

function range(start: number, end: number): readonly number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
