import { type DescMessage, fromJson, type JsonValue, type MessageShape } from "@bufbuild/protobuf";
import { type RestCall, RestCaller } from "../../client/rest/caller.ts";
import { canonicalName, encodePath } from "../../client/rest/path.ts";
import { StatusError } from "../../core/error/error.ts";
import {
  ListFailuresResponseSchema,
  ListMethodStatesResponseSchema,
  ListWorkersResponseSchema,
} from "../../wire/gen/longrunning/v1/admin_pb.ts";
import {
  CreatedApiKeySchema,
  ListApiKeysResponseSchema,
} from "../../wire/gen/longrunning/v1/admin_keys_pb.ts";
import {
  CountOperationRowsResponseSchema,
  OperationRecordSchema,
} from "../../wire/gen/longrunning/v1/admin_operations_pb.ts";
import {
  MethodDetailSchema,
  MethodStateSchema,
  SummarySchema,
} from "../../wire/gen/longrunning/v1/admin_statistics_pb.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import { credentialHeaders } from "./credential.ts";

/** The address of the operators' service, and the credentials. */
export interface OperatorsSettings {
  readonly server: string;
  readonly adminToken?: string | undefined;
}

/** A selection of operations. */
export interface Selection {
  /** `-` for every collection. */
  readonly collection: string;
  readonly filter: string;
  /** Empty for every method. */
  readonly method: string;
}

/** An action on all operations of a selection. */
export interface Bulk extends Selection {
  readonly action: "cancel" | "delete" | "startAgain";
  /** Operations created later are not affected. RFC 3339. */
  readonly notAfter: string;
  /** The largest expected number; 0 if unknown. */
  readonly expected: number;
}

/** A new API key. */
export interface NewKey {
  readonly principal: string;
  readonly groups: readonly string[];
  readonly environment: string;
  /** RFC 3339. @default never */
  readonly expireTime?: string;
}

/** An answer: decoded, and as JSON. */
export interface Answer<M> {
  readonly message: M;
  readonly json: unknown;
}

/**
 * Calls the operators' service of a server, as JSON over HTTP. Each call throws the error of the
 * service.
 *
 * @see proto/longrunning/v1/admin.proto
 */
export class OperatorsClient {
  readonly #caller: RestCaller;
  readonly #server: string;

  /** @throws {TypeError} for an invalid address */
  constructor(io: Pick<Io, "fetch" | "clock">, { server, adminToken }: OperatorsSettings) {
    this.#caller = new RestCaller(server, { ...io, headers: credentialHeaders(adminToken) });
    this.#server = server;
  }

  /** @param range `15m`, `1h`, `6h`, `24h` or `7d` */
  summary(range: string, signal?: AbortSignal) {
    return this.#get(SummarySchema, "/summary", { range }, signal);
  }

  methods(range: string) {
    return this.#get(ListMethodStatesResponseSchema, "/methods", { range });
  }

  method(method: string, range: string, signal?: AbortSignal) {
    return this.#get(MethodDetailSchema, `/methods/${encodePath(method)}`, { range }, signal);
  }

  failures(range: string, method: string) {
    return this.#get(ListFailuresResponseSchema, "/failures", { range, method });
  }

  workers() {
    return this.#get(ListWorkersResponseSchema, "/workers", {});
  }

  record(name: string) {
    return this.#get(OperationRecordSchema, `/${encodePath(canonicalName(name))}`, {});
  }

  count(selection: Selection) {
    return this.#get(CountOperationRowsResponseSchema, "/operations:count", { ...selection });
  }

  keys() {
    return this.#get(ListApiKeysResponseSchema, "/apiKeys", {});
  }

  createKey(key: NewKey) {
    return this.#post(CreatedApiKeySchema, "/apiKeys", key);
  }

  async revokeKey(id: string): Promise<void> {
    await this.#call({ verb: "POST", path: `/admin/v1/apiKeys/${encodePath(id)}:revoke`, body: {} });
  }

  pause(method: string) {
    return this.#post(MethodStateSchema, `/methods/${encodePath(method)}:pause`, {});
  }

  resume(method: string) {
    return this.#post(MethodStateSchema, `/methods/${encodePath(method)}:resume`, {});
  }

  /** @returns the name of the operation that carries it out */
  async bulk(bulk: Bulk): Promise<string> {
    const answer = await this.#call({ verb: "POST", path: "/admin/v1/bulk", body: bulk });
    const { name } = answer as { readonly name?: unknown };
    return String(name);
  }

  async #get<Desc extends DescMessage>(
    desc: Desc,
    path: string,
    query: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Answer<MessageShape<Desc>>> {
    const given = Object.entries(query).filter(([, value]) => value !== "");
    const call = { verb: "GET", path: `/admin/v1${path}`, query: Object.fromEntries(given) } as const;
    return this.#read(desc, await this.#call(call, signal));
  }

  async #post<Desc extends DescMessage>(
    desc: Desc,
    path: string,
    body: object,
  ): Promise<Answer<MessageShape<Desc>>> {
    return this.#read(desc, await this.#call({ verb: "POST", path: `/admin/v1${path}`, body }));
  }

  /** Servers of other versions may send additional fields. */
  #read<Desc extends DescMessage>(desc: Desc, json: unknown): Answer<MessageShape<Desc>> {
    try {
      return { message: fromJson(desc, withoutDetails(json), { ignoreUnknownFields: true }), json };
    } catch (error) {
      throw new StatusError(
        "UNKNOWN",
        `${this.#server} answers something else than the operators' service.`,
        {
          reason: "ANSWER_INVALID",
          cause: error,
        },
      );
    }
  }

  async #call(call: RestCall, signal?: AbortSignal): Promise<unknown> {
    try {
      return await this.#caller.call(call, signal);
    } catch (error) {
      throw error instanceof StatusError ? (notServed(error, this.#server) ?? error) : error;
    }
  }
}

/** An error without its details, whose types may be unknown here. */
function withoutDetails(json: unknown): JsonValue {
  const { error, ...others } = json as { readonly error?: object };
  return (error === undefined ? json : { ...others, error: { ...error, details: [] } }) as JsonValue;
}

/** The remedy if the server has no such service, or requires credentials. */
function notServed(error: StatusError, server: string): CommandError | undefined {
  const { reason, code } = error;
  if (reason === "PATH_NOT_FOUND" || (reason === "ANSWER_INVALID" && code === "NOT_FOUND")) {
    return new CommandError(
      "refused",
      `${server} has no operators' service.`,
      "Its server has to be started with --admin read or --admin full; on other addresses than this machine's it is off by default.",
    );
  }
  if (reason === "ADMIN_TOKEN_INVALID") {
    return new CommandError(
      "refused",
      error.message,
      "Give the token of the server with --admin-token or LONGRUNNING_ADMIN_TOKEN.",
    );
  }
  return undefined;
}
