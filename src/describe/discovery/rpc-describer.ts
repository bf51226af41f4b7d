import type { MethodDescription, ParameterDescription, SchemaDescriptions } from "./description.ts";
import type { SchemaTable } from "./method-schemas.ts";

/** Describes RPCs by their HTTP bindings. What is behind it needs the protobuf runtime, which documents without RPCs do not. */
export interface RpcDescriber {
  /**
   * The methods at the paths of one version, and at paths without any; each is a step.
   *
   * @param options.table gets their schemas
   * @param options.taken ids of methods that are there already
   */
  describe(
    api: { readonly name: string; readonly version: string },
    options: { readonly table: SchemaTable; readonly taken: Iterable<string> },
  ): Generator<undefined, DescribedRpcs>;
}

/** RPCs and the schemas that they refer to beside those that the table had. */
export interface DescribedRpcs {
  readonly methods: readonly PlacedMethod[];
  readonly schemas: SchemaDescriptions;
}

/** A method and where it is found. */
export interface PlacedMethod {
  /** Names of resources, each inside the one before, such as `projects`, `locations`; none for the root. */
  readonly resource: readonly string[];
  readonly name: string;
  readonly method: MethodDescription;
  /** The parameters of `flatPath`, in their order. None of their values has a slash, unless the template ends in `**`. */
  readonly flatParameters: Readonly<Record<string, ParameterDescription>>;
  /** The RPC's service, without its package. */
  readonly service: string;
}
