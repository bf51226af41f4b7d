import type { JsonObject, Message } from "@bufbuild/protobuf";
import { serviceError } from "../../core/error/error.ts";
import { parseName } from "../../core/operation/name.ts";
import { type Binding, bindingsOf } from "../../protos/http-rule/binding.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { PathTable } from "../rest/http-rule/path-table.ts";
import { requestMessage } from "../rest/http-rule/request-message.ts";
import { decodeButSlashes } from "../rest/percent-encoding.ts";
import type { QueryParameter } from "../rest/query.ts";
import { ADMIN_RPCS } from "./calls.ts";

/** The call at an address. */
export interface AdminRoute {
  readonly binding: Binding;
  /** Builds the request. @throws {StatusError} INVALID_ARGUMENT */
  request(parts: { readonly query: readonly QueryParameter[]; readonly body: JsonObject }): Message;
}

/** The addresses of the operators' service. The proto alone defines them. */
export class AdminRoutes {
  readonly #types: Types;
  readonly #table = new PathTable<Binding>();

  constructor(types: Types) {
    this.#types = types;
    for (const rpc of ADMIN_RPCS) {
      for (const binding of bindingsOf(rpc)) this.#table.add(binding.httpMethod, binding.template, binding);
    }
  }

  /**
   * @param path not decoded, beginning with `/admin/v1/` wherever the service is mounted
   * @throws {StatusError} NOT_FOUND PATH_NOT_FOUND; UNIMPLEMENTED METHOD_NOT_ALLOWED, with `allow` in the metadata
   */
  find(httpMethod: string, path: string): AdminRoute {
    const match = this.#match(httpMethod === "HEAD" ? "GET" : httpMethod, path);
    if (match === undefined) throw this.#withoutCall(httpMethod, path);
    const { value: binding, values } = match;
    return { binding, request: (parts) => requestMessage(binding, { values, ...parts }, this.#types) };
  }

  /** A text that a template matches as the name of an operation may be no name. */
  #match(httpMethod: string, path: string): ReturnType<PathTable<Binding>["find"]> {
    const match = this.#table.find(httpMethod, path);
    const [name, ...others] = match?.value.variables ?? [];
    // The template of a webhook endpoint has its own segments, which distinguish it from an
    // operation.
    const isAny = name !== undefined && name.end - name.start === 1 && !name.isSingle;
    const isName = isAny && others.length === 0;
    return isName && parseName(decodeButSlashes(match?.values[0] ?? "")) === undefined ? undefined : match;
  }

  #withoutCall(httpMethod: string, path: string): Error {
    const shown = path.slice(0, 200);
    const methods = this.#table.methodsAt(path).filter((each) => this.#match(each, path) !== undefined);
    if (methods.length === 0)
      return serviceError("PATH_NOT_FOUND", `Nothing is at "${shown}".`, { metadata: { path: shown } });
    const allow = methods.flatMap((each) => (each === "GET" ? ["GET", "HEAD"] : [each]));
    return serviceError(
      "METHOD_NOT_ALLOWED",
      `${httpMethod} is not possible here; use ${allow.join(" or ")}.`,
      { metadata: { method: httpMethod, allow: allow.join(", ") } },
    );
  }
}
