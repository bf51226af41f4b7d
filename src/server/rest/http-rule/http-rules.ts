import type { JsonObject } from "@bufbuild/protobuf";
import { rpcName } from "../../../protos/method/operation-info.ts";
import { RpcDescriptions } from "../../../describe/discovery/rpc-descriptions.ts";
import type { ErrorDetail } from "../../../core/error/details.ts";
import { isDescribed } from "../../../wire/proto/any.ts";
import { messageProto } from "../../../wire/proto/message.ts";
import type { Types } from "../../../wire/proto/registry.ts";
import { typesOfFiles } from "../../../protos/method/imported-types.ts";
import { type Binding, bindingsOf } from "../../../protos/http-rule/binding.ts";
import { versionOf } from "../../../protos/http-rule/template.ts";
import type { Rpc } from "../../rpc/rpc.ts";
import type { Shape } from "../field-mask.ts";
import type { RpcCallParts, RpcReply, RpcRoute, RpcRoutes } from "../rpc-routes.ts";
import { answeredMessage, answerJson, answerProto } from "./answer-json.ts";
import { fieldShape, messageShape } from "./message-shape.ts";
import { PathTable } from "./path-table.ts";
import { requestMessage } from "./request-message.ts";

const OPERATION = "google.longrunning.Operation";

/**
 * RPCs, called through their `google.api.http` rules. An RPC without a rule is available over gRPC
 * only.
 *
 * @see google/api/http.proto; AIP-127
 */
export class HttpRules implements RpcRoutes {
  readonly versions: readonly string[];
  readonly describer: RpcDescriptions;
  readonly types: Types;
  readonly #table = new PathTable<BoundRpc>();

  /**
   * @param options.types the types that an `Any` may contain. Default: the standard types, and
   * those of the RPCs' files and their imports
   * @throws {TypeError} for a rule that does not fit its messages, and for two RPCs at one address,
   * with both names
   */
  constructor(rpcs: Iterable<Rpc>, options: { readonly types?: Types } = {}) {
    const all = [...rpcs];
    const types = options.types ?? typesOfFiles(all.map(({ desc }) => desc.parent.file));
    this.types = types;
    const bindings = all.flatMap((rpc) =>
      bindingsOf(rpc.desc).map((binding) => new BoundRpc(rpc, binding, types)),
    );
    for (const bound of bindings) this.#add(bound);
    const versions = bindings.map(({ binding }) => versionOf(binding.template));
    this.versions = [...new Set(versions)].filter((version) => version !== undefined);
    this.describer = new RpcDescriptions(
      bindings.map(({ binding }) => binding),
      types,
      new Map(all.flatMap(({ desc, startName }) => (startName === undefined ? [] : [[desc, startName]]))),
    );
  }

  #add(bound: BoundRpc): void {
    const { httpMethod, template, rpc } = bound.binding;
    const before = this.#table.add(httpMethod, template, bound);
    if (before === undefined || before.value.binding.rpc === rpc) return;
    const there = before.value.binding;
    throw new TypeError(
      `${rpcName(rpc)} and ${rpcName(there.rpc)} are both bound to ${httpMethod} ${template.text}${there.template.text === template.text ? "" : ` (as ${there.template.text})`}; give one of them another path`,
    );
  }

  readonly knowsDetail = (detail: ErrorDetail): boolean => isDescribed(detail, this.types);

  find(httpMethod: string, path: string): RpcRoute | undefined {
    const match = this.#table.find(httpMethod, path);
    return match === undefined ? undefined : match.value.route(match.values);
  }

  methodsAt(path: string): readonly string[] {
    return this.#table.methodsAt(path);
  }
}

/** An RPC at one of its addresses. */
class BoundRpc {
  readonly binding: Binding;
  readonly #rpc: Rpc;
  readonly #types: Types;
  readonly #shape: Shape;

  constructor(rpc: Rpc, binding: Binding, types: Types) {
    this.binding = binding;
    this.#rpc = rpc;
    this.#types = types;
    const { responseBody } = binding;
    this.#shape = responseBody === undefined ? messageShape(binding.rpc.output) : fieldShape(responseBody);
  }

  route(values: readonly string[]): RpcRoute {
    const { binding } = this;
    return {
      shape: this.#shape,
      name: rpcName(binding.rpc),
      permission: this.#rpc.permission,
      template: binding.template.text,
      hasProto: answeredMessage(binding) !== undefined,
      call: (parts) => this.#call(values, parts),
      proto: (json) =>
        answeredMessage(binding)?.typeName === OPERATION
          ? messageProto("Operation", json, this.#types)
          : answerProto(binding, json, this.#types),
    };
  }

  async #call(values: readonly string[], parts: RpcCallParts): Promise<RpcReply> {
    const { query, body, caller, signal, nextTurn } = parts;
    await nextTurn?.();
    const request = requestMessage(this.binding, { values, query, body: body as JsonObject }, this.#types);
    await nextTurn?.();
    const answer = await this.#rpc.call(request, { caller, signal, nextTurn });
    if ("operation" in answer) return answer;
    await nextTurn?.();
    return { json: answerJson(this.binding, answer.message, this.#types, parts.enumsAsNumbers) };
  }
}
