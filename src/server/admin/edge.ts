import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { JsonObject } from "@bufbuild/protobuf";
import { serviceError } from "../../core/error/error.ts";
import type { Tell } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Random } from "../../core/ports/random.ts";
import { typesOfFile } from "../../protos/method/imported-types.ts";
import { file_longrunning_v1_admin } from "../../wire/gen/longrunning/v1/admin_pb.ts";
import { operationJson } from "../../wire/operation.ts";
import { forCaller } from "../error-for-caller.ts";
import type { Exchange } from "../front.ts";
import { decompressed, parseJsonObject, readBytes } from "../rest/body.ts";
import { answerJson } from "../rest/http-rule/answer-json.ts";
import { parseQuery } from "../rest/query.ts";
import { contentEncodingOf } from "../rest/read-by-others.ts";
import { errorReply, type Reply, successReply } from "../rest/reply.ts";
import { Hold } from "../sharing/room.ts";
import type { AdmitOperator } from "./access.ts";
import { type AdminService, callAdmin } from "./calls.ts";
import { AdminRoutes } from "./routes.ts";
import { type AllowedWays, wayRefusal } from "./way.ts";

/** The parts of the operators' REST interface. */
export interface AdminEdgeParts extends Pick<AdminService, "admin" | "view"> {
  /** The `domain` of errors. */
  readonly domain: string;
  readonly random: Random;
  readonly tell: Tell;
}

/** The rules of admission. */
export interface Admission {
  readonly admit: AdmitOperator;
  readonly ways: AllowedWays;
}

/** The address of a request, below the operators' interface. */
export interface AdminTarget {
  /** Not decoded, such as `/admin/v1/session`, wherever the interface is mounted. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

/** The operators' service as JSON over HTTP, according to the rules of its proto. */
export class AdminEdge {
  readonly #parts: AdminEdgeParts;
  readonly #service: AdminService;
  readonly #routes: AdminRoutes;

  constructor(parts: AdminEdgeParts) {
    const { admin, view } = parts;
    const types = typesOfFile(file_longrunning_v1_admin);
    this.#parts = parts;
    this.#service = { admin, view, types };
    this.#routes = new AdminRoutes(types);
  }

  /** Answers a request in every case. Never rejects. */
  async answer(
    { request, response, share }: Exchange,
    target: AdminTarget,
    admission: Admission,
  ): Promise<Reply> {
    const { method = "GET" } = request;
    const hold = new Hold(share.bodies);
    try {
      const refusal = wayRefusal(request.headers, admission.ways);
      if (refusal !== undefined) throw refusal;
      const operator = await admission.admit(request);
      await this.#service.admin.admit(operator);
      const route = this.#routes.find(method, target.path);
      const body = await bodyOf(request, method, hold);
      const message = route.request({ query: parseQuery(target.query), body });
      return await share.long(response, async () => {
        const service = this.#service;
        const answer = await callAdmin(route.binding.rpc, message, operator, service);
        const json =
          "operation" in answer
            ? operationJson(answer.operation, service.view)
            : answerJson(route.binding, answer.message, service.types, false);
        const etag = route.binding.rpc.localName === "getSummary" ? tagOf(json) : undefined;
        const answered = etag === undefined ? { json } : { json, etag };
        return successReply(answered, { prettyPrint: false, ifNoneMatch: request.headers["if-none-match"] });
      });
    } catch (error) {
      const shown = forCaller(error, this.#parts, { method, path: target.path });
      return errorReply(shown, { format: 2, domain: this.#parts.domain });
    } finally {
      hold.end();
    }
  }
}

/** Depends on the content, and not on the time when it was read. */
function tagOf(json: string): string {
  const told = json.replace(/^\{"asOf":"[^"]*"/, "");
  return `"${createHash("sha256").update(told).digest("base64url").slice(0, 22)}"`;
}

const JSON_TYPE = /^application\/json(?:\s*;|\s*$)/i;

/**
 * The body of a change. It must be JSON, because a form of another site cannot send that.
 *
 * @throws {StatusError} INVALID_ARGUMENT CONTENT_TYPE_UNSUPPORTED, BODY_INVALID, BODY_TOO_LARGE
 */
async function bodyOf(request: IncomingMessage, method: string, hold: Hold): Promise<JsonObject> {
  if (method !== "POST") return {};
  const { "content-type": type } = request.headers;
  const encoding = contentEncodingOf(request);
  const bytes = await readBytes(request, LIMITS.requestBytesMax, hold);
  if (!(type === undefined ? bytes.length === 0 : JSON_TYPE.test(type))) throw noJson(type ?? "");
  return parseJsonObject(await decompressed(bytes, encoding, LIMITS.requestBytesMax)) as JsonObject;
}

function noJson(type: string): Error {
  const shown = type.slice(0, 100);
  return serviceError(
    "CONTENT_TYPE_UNSUPPORTED",
    `Invalid content type "${shown}": expected application/json.`,
    { metadata: { contentType: shown } },
  );
}
