import type { MethodDescription, ParameterDescription, SchemaDescriptions } from "./description.ts";
import type { SchemaTable } from "./method-schemas.ts";
import type { RpcExample } from "./rpc-example.ts";

/**
 * Describes RPCs by their HTTP bindings. Its implementation needs the protobuf runtime, which
 * documents without RPCs do not.
 */
export interface RpcDescriber {
  /**
   * Describes the methods at the paths of one version, and at paths without a version; each method
   * is a step.
   *
   * @param options.table receives their schemas
   * @param options.taken ids of existing methods
   */
  describe(
    api: { readonly name: string; readonly version: string },
    options: { readonly table: SchemaTable; readonly taken: Iterable<string> },
  ): Generator<undefined, DescribedRpcs>;
}

/** RPCs with the schemas that they need in addition to those in the table. */
export interface DescribedRpcs {
  readonly methods: readonly PlacedMethod[];
  readonly schemas: SchemaDescriptions;
}

/** A method and its place. */
export interface PlacedMethod {
  /** Names of nested resources, such as `projects`, `locations`; none for the root. */
  readonly resource: readonly string[];
  readonly name: string;
  readonly method: MethodDescription;
  /**
   * The parameters of `flatPath`, in order. Their values contain no slash, unless the template ends
   * in `**`.
   */
  readonly flatParameters: Readonly<Record<string, ParameterDescription>>;
  /** The service of the RPC, without its package. */
  readonly service: string;
  /** A call that the RPC would probably accept. */
  readonly example: RpcExample;
  /** The name with which `POST /v1:{name}` starts it; undefined if it starts no operation. */
  readonly startName: string | undefined;
}
