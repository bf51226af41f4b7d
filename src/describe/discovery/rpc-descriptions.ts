import type { DescMessage, DescMethodUnary } from "@bufbuild/protobuf";
import type { Binding, BoundVariable } from "../../protos/http-rule/binding.ts";
import { versionOf } from "../../protos/http-rule/template.ts";
import { operationTypes } from "../../protos/method/operation-info.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { commentOf } from "./comments.ts";
import type { HttpMethod, MethodDescription, ParameterDescription } from "./description.ts";
import { MessageDescriptions } from "./message-descriptions.ts";
import type { SchemaTable } from "./method-schemas.ts";
import { queryParameters } from "./query-parameters.ts";
import type { DescribedRpcs, PlacedMethod, RpcDescriber } from "./rpc-describer.ts";
import { rpcExample } from "./rpc-example.ts";
import { placeOf } from "./rpc-name.ts";
import { type DescribedPath, describedPath, patternOf } from "./rpc-path.ts";

const HTTP_METHODS: ReadonlySet<string> = new Set<HttpMethod>(["GET", "PUT", "POST", "DELETE", "PATCH"]);

/** The names of methods, by their RPCs. */
type StartNames = ReadonlyMap<DescMethodUnary, string>;

/**
 * Describes RPCs by their HTTP bindings, each binding as a separate method, as Google's documents
 * do. It omits bindings that documents cannot describe: those with custom HTTP methods, or with
 * variable parts of a path that belong to no field.
 *
 * @see contract section 5.1
 */
export class RpcDescriptions implements RpcDescriber {
  readonly #bindings: readonly Binding[];
  readonly #types: Types;
  readonly #startNames: StartNames;

  /** @param startNames the names of the methods that start operations, by their RPCs */
  constructor(bindings: readonly Binding[], types: Types, startNames: StartNames = new Map()) {
    this.#bindings = bindings.filter(({ httpMethod }) => HTTP_METHODS.has(httpMethod));
    this.#types = types;
    this.#startNames = startNames;
  }

  *describe(
    api: { readonly name: string; readonly version: string },
    options: { readonly table: SchemaTable; readonly taken: Iterable<string> },
  ): Generator<undefined, DescribedRpcs> {
    const messages = new MessageDescriptions(options.table);
    const taken = new Set(options.taken);
    const methods: PlacedMethod[] = [];
    for (const binding of this.#bindings) {
      if ((versionOf(binding.template) ?? api.version) !== api.version) continue;
      const described = this.#method(binding, messages);
      yield;
      if (described === undefined) continue;
      const place = freePlace(api.name, binding, taken);
      taken.add(place.id);
      methods.push({ ...described, ...place, method: { ...described.method, id: place.id } });
    }
    return { methods, schemas: messages.added };
  }

  #method(
    binding: Binding,
    messages: MessageDescriptions,
  ): Omit<PlacedMethod, "resource" | "name"> | undefined {
    const query = queryParameters(binding, messages);
    const path = describedPath(binding, new Set(Object.keys(query)));
    if (path === undefined) return undefined;
    const inPath = pathParameters(binding, path, messages);
    const request = requestOf(binding, messages);
    const method: MethodDescription = {
      id: "",
      description: this.#describe(binding, messages),
      httpMethod: binding.httpMethod as HttpMethod,
      path: path.path,
      flatPath: path.flatPath,
      parameters: { ...inPath, ...query },
      parameterOrder: Object.keys(inPath),
      ...(request === undefined ? {} : { request }),
      response: responseOf(binding, messages),
    };
    return {
      method,
      flatParameters: flatParameters(path, inPath),
      service: binding.rpc.parent.name,
      example: rpcExample(binding, { path: path.flatNames, query: Object.keys(query) }),
      startName: this.#startNames.get(binding.rpc),
    };
  }

  /** The comment of the RPC, and the types in its operation. */
  #describe({ rpc }: Binding, messages: MessageDescriptions): string {
    const comment = commentOf(rpc);
    const types = operationTypes(rpc);
    const [response, metadata] = [this.#known(types.response), this.#known(types.metadata)];
    const told =
      response === undefined || metadata === undefined
        ? ""
        : `Returns an Operation with response ${messages.reference(response).$ref} and metadata ${messages.reference(metadata).$ref}.`;
    const text = [comment, told].filter((each) => each !== "").join(" ");
    return text === "" ? `Calls \`${rpc.parent.name}.${rpc.name}\`.` : text;
  }

  #known(names: readonly string[]): DescMessage | undefined {
    return names.map((name) => this.#types.getMessage(name)).find((each) => each !== undefined);
  }
}

/** The place of a method, under another name if its own is taken. */
function freePlace(
  api: string,
  binding: Binding,
  taken: ReadonlySet<string>,
): { readonly id: string; readonly resource: readonly string[]; readonly name: string } {
  const { resource, name } = placeOf(binding);
  const { rpc } = binding;
  const ownName = rpc.name.charAt(0).toLowerCase() + rpc.name.slice(1);
  const idOf = (each: string): string => [api, ...resource, each].join(".");
  let free = taken.has(idOf(name)) ? ownName : name;
  for (let count = 2; taken.has(idOf(free)); count++) free = `${ownName}${count}`;
  return { id: idOf(free), resource, name: free };
}

function pathParameters(
  { template }: Binding,
  { variables }: DescribedPath,
  messages: MessageDescriptions,
): Readonly<Record<string, ParameterDescription>> {
  const entries = variables.map(({ name, variable }) => {
    const pattern = patternOf(template, variable);
    const parameter = {
      ...fieldParameter(variable, messages),
      ...(pattern === undefined ? {} : { pattern }),
    };
    return [name, parameter] as const;
  });
  return Object.fromEntries(entries);
}

function fieldParameter({ fields }: BoundVariable, messages: MessageDescriptions): ParameterDescription {
  const field = fields.at(-1);
  const comment = field === undefined ? "" : commentOf(field);
  return {
    ...(field === undefined ? {} : messages.fieldValue(field)),
    description:
      comment === "" ? `The field \`${fields.map(({ name }) => name).join(".")}\` of the request.` : comment,
    location: "path",
    required: true,
  };
}

function flatParameters(
  { flatNames, flatPath }: DescribedPath,
  inPath: Readonly<Record<string, ParameterDescription>>,
): Readonly<Record<string, ParameterDescription>> {
  const entries = flatNames.map((name) => {
    const { pattern: _whole, ...own } = inPath[name] ?? {};
    const parameter: ParameterDescription = {
      type: "string",
      description: `A part of \`${flatPath}\`.`,
      ...own,
      location: "path",
      required: true,
    };
    return [name, parameter] as const;
  });
  return Object.fromEntries(entries);
}

function requestOf(
  { rpc, body }: Binding,
  messages: MessageDescriptions,
): { readonly $ref: string } | undefined {
  if (body === undefined) return undefined;
  if (body === "*") return messages.reference(rpc.input);
  if (body.fieldKind === "message") return messages.reference(body.message);
  return messages.named(`${rpc.name}Body`, messages.fieldValue(body));
}

function responseOf(
  { rpc, responseBody }: Binding,
  messages: MessageDescriptions,
): { readonly $ref: string } {
  if (responseBody === undefined) return messages.reference(rpc.output);
  if (responseBody.fieldKind === "message") return messages.reference(responseBody.message);
  return messages.named(`${rpc.name}Answer`, messages.fieldValue(responseBody));
}
