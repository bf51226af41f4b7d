/**
 * The Standard Schema interfaces, so that zod, valibot, arktype and others all serve, without depending on any.
 * The specification asks libraries to copy them.
 *
 * @see https://standardschema.dev (version 1) and https://standardschema.dev/json-schema
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Present where the schema can describe itself; it feeds the discovery document. */
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
      readonly output: (options: { readonly target: string }) => Record<string, unknown>;
    };
  };
}

/** What validation says: a value, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong. */
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
      // A caller chooses its keys, and one may be a megabyte long.
      const name = String(key).slice(0, 100);
      return path === "" ? name : `${path}.${name}`;
    }, "");
}

/**
 * The schema's own description as JSON Schema, or undefined where it cannot give one.
 *
 * @param direction `input` is what callers send, `output` is what comes out of validation
 */
export function jsonSchemaOf(
  schema: Schema | undefined,
  direction: "input" | "output",
): Record<string, unknown> | undefined {
  try {
    return schema?.["~standard"].jsonSchema?.[direction]({ target: "draft-2020-12" });
  } catch {
    // A schema that JSON Schema cannot express (a transform, a date) says so by throwing; it is shown as a free object.
    return undefined;
  }
}
