/**
 * The Standard Schema interfaces, for zod, valibot, arktype and others, without a dependency on
 * any. The specification asks libraries to copy them.
 *
 * @see https://standardschema.dev (version 1) and https://standardschema.dev/json-schema
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Present if the schema can describe itself, for the discovery document. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
      readonly output: (options: { readonly target: string }) => Record<string, unknown>;
    };
  };
}

/** The result of a validation: a value, or issues. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** A violation of the schema. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The path of an issue as `google.rpc.BadRequest` writes field paths, such as `files[3].name`; empty for the whole value. */
export function issuePath(issue: SchemaIssue): string {
  return (issue.path ?? [])
    .map((part) => (typeof part === "object" ? part.key : part))
    .reduce<string>((path, key) => {
      if (typeof key === "number") return `${path}[${key}]`;
      // Callers choose the keys, and one may have a megabyte.
      const name = String(key).slice(0, 100);
      return path === "" ? name : `${path}.${name}`;
    }, "");
}

/**
 * The JSON Schema of a schema; undefined if it has none.
 *
 * @param direction `input` for the values of callers, `output` for the results of validation
 */
export function jsonSchemaOf(
  schema: Schema | undefined,
  direction: "input" | "output",
): Record<string, unknown> | undefined {
  try {
    return schema?.["~standard"].jsonSchema?.[direction]({ target: "draft-2020-12" });
  } catch {
    // A schema that JSON Schema cannot express (a transform, a date) throws here; it is shown as a
    // free object.
    return undefined;
  }
}
