/**
 * The parts of a Google API discovery document that we write.
 *
 * @see https://developers.google.com/discovery/v1/reference/apis; contract section 5.1
 */

/** A description of a value. Draft-03 JSON Schema in the dialect of the discovery service. */
export interface ValueDescription {
  readonly id?: string;
  readonly $ref?: string;
  readonly type?: "any" | "array" | "boolean" | "integer" | "number" | "object" | "string";
  readonly format?: string;
  readonly description?: string;
  readonly default?: string;
  readonly required?: boolean;
  readonly deprecated?: boolean;
  readonly readOnly?: boolean;
  readonly pattern?: string;
  /** Bounds are texts, because of numbers that JSON cannot express. */
  readonly minimum?: string;
  readonly maximum?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly items?: ValueDescription;
  readonly properties?: Readonly<Record<string, ValueDescription>>;
  readonly additionalProperties?: ValueDescription;
}

/** A parameter in the path or the query. Python checks `pattern` and `enum` before it sends anything. */
export interface ParameterDescription extends ValueDescription {
  readonly location: "path" | "query";
  /** Whether the parameter may be repeated, once per list element. */
  readonly repeated?: boolean;
}

/** The HTTP methods of discovery documents. */
export type HttpMethod = "GET" | "PUT" | "POST" | "DELETE" | "PATCH";

/** A method. */
export interface MethodDescription {
  /** `{api}.{resource}.{method}`. */
  readonly id: string;
  readonly description: string;
  readonly httpMethod: HttpMethod;
  /** URI template, relative to `rootUrl` + `servicePath`. */
  readonly path: string;
  readonly flatPath: string;
  readonly parameters: Readonly<Record<string, ParameterDescription>>;
  /** The required parameters, in the order of the path. */
  readonly parameterOrder: readonly string[];
  readonly request?: { readonly $ref: string };
  readonly response: { readonly $ref: string };
}

/** Methods under a name, such as `operations`. */
export interface ResourceDescription {
  readonly methods: Readonly<Record<string, MethodDescription>>;
  readonly resources?: Readonly<Record<string, ResourceDescription>>;
}

/** Schemas by id. */
export type SchemaDescriptions = Readonly<Record<string, ValueDescription>>;

/** The description of the service. */
export interface ApiDescription {
  /** `[a-z][a-z0-9.-]*`, such as `archive`. */
  readonly name: string;
  /** Such as `v1`. */
  readonly version: string;
  readonly title: string;
  /** Day of the document, `yyyymmdd`. */
  readonly revision: string;
  /** The prefix of all paths, with a slash at its end, such as `http://127.0.0.1:8080/`. */
  readonly rootUrl: string;
}
