import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../core/caller.ts";
import { serviceError, type StatusError } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/operation/name.ts";
import type { Authenticate } from "../core/ports/authenticate.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import type { Operations } from "../engine/operations.ts";
import { forCaller } from "../server/error-for-caller.ts";
import type { HttpListener } from "../server/front.ts";
import { preferenceOf } from "../server/rest/prefer.ts";
import { ConnectionRequest } from "../server/rest/request.ts";
import { ToldRequest } from "../server/rest/told-request.ts";
import type { Shares } from "../server/sharing/shares.ts";
import { splitTarget } from "../server/target.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import type { AsyncRules } from "./async-rules.ts";
import type { Credentials } from "./credentials.ts";
import { answerError } from "./failure.ts";
import { accepted, type MonitorView, monitorAnswer, OWN_PATH, sendAnswer } from "./monitor.ts";
import { type Passing, targetOf } from "./passing.ts";
import { startRequest, waitedFor } from "./starting.ts";

/** The parts of a proxy's edge. */
export interface ProxyEdgeParts {
  readonly operations: Operations;
  readonly authenticate: Authenticate;
  readonly shares: Shares;
  readonly passing: Passing;
  readonly rules: AsyncRules;
  /** How long a matching request waits, unless the request says so itself. */
  readonly waitMs: number;
  readonly monitor: MonitorView;
  /** Stores credentials of requests. Undefined if they are dropped. */
  readonly credentials: Credentials | undefined;
  /** The collection for a caller's operations; empty for none. */
  readonly parentOf: (caller: Caller) => string;
  /** Serves the paths below {@link OWN_PATH} except monitors; it sees paths without that prefix. */
  readonly service: HttpListener;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  readonly tracing: Tracing | undefined;
}

/** A request in progress. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly incoming: ConnectionRequest;
  readonly told: ToldRequest | undefined;
}

const MONITOR = /^\/\.operations\/(?<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Answers the requests of a proxy: the monitors and the service below `/.operations/`; all others
 * go to the upstream.
 */
export class ProxyEdge {
  readonly #parts: ProxyEdgeParts;

  constructor(parts: ProxyEdgeParts) {
    this.#parts = parts;
  }

  readonly listener: HttpListener = (request, response) => {
    const [path] = splitTarget(request.url ?? "/");
    const id = MONITOR.exec(path)?.groups?.["id"];
    if (id !== undefined) this.#begin(request, response, (exchange) => this.#answerMonitor(exchange, id));
    else if (path === OWN_PATH || path.startsWith(`${OWN_PATH}/`)) this.#serve(request, response);
    else this.#route(request, response, path);
  };

  #serve(request: IncomingMessage, response: ServerResponse): void {
    goOn(request, response, LIMITS.batchBytesMax);
    const { url = "" } = request;
    request.url = url.slice(url.indexOf(OWN_PATH) + OWN_PATH.length).replace(/^(?!\/)/, "/");
    this.#parts.service(request, response);
  }

  #route(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { rules, waitMs, passing } = this.#parts;
    const { prefer } = request.headers;
    const preference = prefer === undefined ? undefined : preferenceOf(prefer);
    const isAsked = preference?.respondAsync === true;
    if (isAsked || rules.match(request.method ?? "", path)) {
      const wait = preference?.waitMs ?? (isAsked ? 0 : waitMs);
      this.#begin(request, response, (exchange) =>
        this.#start(exchange, { isAsked, waitMs: wait, hasWait: preference?.waitMs !== undefined }),
      );
      return;
    }
    const told = ToldRequest.begin(request, this.#parts);
    const share = this.#parts.shares.of(request);
    share?.begin(response, () =>
      passing.pass(request, response, told && ((status, bytes) => told.end({ status, bytes, body: "" }))),
    );
  }

  /** Begins when the connection has room for another call. */
  #begin(
    request: IncomingMessage,
    response: ServerResponse,
    answer: (exchange: Exchange) => Promise<void>,
  ): void {
    const { shares, authenticate } = this.#parts;
    const share = shares.of(request);
    if (share === undefined) return;
    const told = ToldRequest.begin(request, this.#parts);
    if (told !== undefined)
      response.on("close", () => told.end({ status: response.statusCode, body: "", bytes: 0 }));
    const known = (): Caller | Promise<Caller> => {
      const caller = authenticate(request);
      told?.onCaller(caller);
      return caller;
    };
    const incoming = new ConnectionRequest({ request, response, share }, known);
    const carryOut = (): Promise<void> => answer({ request, response, incoming, told });
    share.begin(response, () => {
      const answered = told === undefined ? carryOut() : told.within(carryOut);
      void answered
        .catch((error: unknown) => this.#refuse(request, response, error))
        .finally(() => incoming.endBody());
    });
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.destroyed) return;
    const [path] = splitTarget(request.url ?? "");
    const shown = forCaller(error, this.#parts, { method: request.method ?? "", path });
    answerError(request, response, shown, this.#parts.monitor.domain);
  }

  async #start(
    { request, response, incoming }: Exchange,
    how: { readonly isAsked: boolean; readonly hasWait: boolean; readonly waitMs: number },
  ): Promise<void> {
    const { operations, monitor, passing, parentOf, credentials } = this.#parts;
    const caller = await incoming.caller();
    goOn(request, response, LIMITS.proxyRequestBytesMax);
    const body = await this.#bodyOf(incoming, request);
    const { method = "GET", headers } = request;
    const key = headers["idempotency-key"];
    const asked = { method, target: targetOf(request), headers: passing.headersOf(request), body };
    const idempotencyKey = typeof key === "string" || key === undefined ? key : key.join(", ");
    const parent = parentOf(caller);
    const started = await startRequest(operations, caller, { ...asked, parent, idempotencyKey }, credentials);
    const operation = await waitedFor(operations, caller, started, {
      waitMs: how.waitMs,
      waiting: incoming.waiting(),
    });
    const answer = monitorAnswer(operation, monitor);
    const isLate = operation.endTime === null;
    const applied = [
      ...(how.isAsked && isLate ? ["respond-async"] : []),
      ...(how.hasWait ? [`wait=${how.waitMs / 1_000}`] : []),
    ].join(", ");
    sendAnswer(request, response, answer, applied === "" ? [] : ["preference-applied", applied]);
  }

  /** @throws {StatusError} INVALID_ARGUMENT BODY_TOO_LARGE, REQUEST_TIMED_OUT */
  async #bodyOf(incoming: ConnectionRequest, request: IncomingMessage): Promise<Uint8Array> {
    const late = Promise.withResolvers<never>();
    const timer = this.#parts.clock.after(LIMITS.requestTimeoutMs, () =>
      late.reject(serviceError("REQUEST_TIMED_OUT", "The request did not arrive in time.")),
    );
    try {
      const body = await Promise.race([incoming.readBody(LIMITS.proxyRequestBytesMax), late.promise]);
      incoming.keepBody(body.length);
      return body;
    } catch (error) {
      if ((error as StatusError).reason !== "BODY_TOO_LARGE") throw error;
      const message = `The body is too large to be kept: ${LIMITS.proxyRequestBytesMax} bytes at most. Send it without Prefer: respond-async, if the operator's rules let it pass.`;
      throw serviceError("BODY_TOO_LARGE", message, {
        metadata: { bytesMax: String(LIMITS.proxyRequestBytesMax) },
      });
    } finally {
      timer.cancel();
      if (!request.complete) request.resume();
    }
  }

  async #answerMonitor({ request, response, incoming }: Exchange, id: string): Promise<void> {
    const { operations, monitor, parentOf } = this.#parts;
    const caller = await incoming.caller();
    const name = formatName({ parent: parentOf(caller), id });
    const { method = "" } = request;
    if (method === "DELETE") {
      await operations.cancel(caller, name);
      const cancelled = await operations.get(caller, name);
      return sendAnswer(request, response, accepted(cancelled, monitor));
    }
    if (method !== "GET" && method !== "HEAD") {
      const allow = "GET, HEAD, DELETE";
      const message = `${method} is not possible here; GET tells how the request is, DELETE cancels it.`;
      throw serviceError("METHOD_NOT_ALLOWED", message, { metadata: { method, allow } });
    }
    const { prefer } = request.headers;
    const waitMs = (prefer === undefined ? undefined : preferenceOf(prefer)?.waitMs) ?? 0;
    const operation = await operations.get(caller, name);
    const latest = await waitedFor(operations, caller, operation, { waitMs, waiting: incoming.waiting() });
    sendAnswer(request, response, monitorAnswer(latest, monitor));
  }
}

/** Lets a caller that waits for `100 Continue` send its body, unless the body is too large. */
function goOn(request: IncomingMessage, response: ServerResponse, bytesMax: number): void {
  const { expect = "", "content-length": length = "0" } = request.headers;
  if (!/^100-continue$/i.test(expect) || Number(length) > bytesMax || response.socket === null) return;
  response.writeContinue();
}
