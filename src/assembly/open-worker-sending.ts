import http from "node:http";
import type { Answer } from "../client/error.ts";
import type { HeaderSource } from "../client/transport.ts";
import { connectWorker } from "../client/worker-calls.ts";
import { answerOf, type Sending, type Sent } from "../client/rest/answer.ts";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { WorkerCalls } from "../core/ports/worker-calls.ts";
import { readBody } from "../outbound/body.ts";
import { Sender } from "../outbound/sender.ts";
import { userAgent } from "./version.ts";

/** A server, and the calls' headers. */
interface CallsOptions {
  readonly server: string;
  readonly headers: HeaderSource;
  /** All trusted authorities, as PEM. @default the well-known ones */
  readonly authorities: string | undefined;
}

/** The calls of a worker in this thread. @throws {TypeError} for an invalid address */
export function workerCalls({ server, ...options }: CallsOptions, clock: Clock): Promise<WorkerCalls> {
  return connectWorker(server, { ...options, clock, sending: workerSending(clock) });
}

/**
 * Sends a worker's requests over HTTP by `node:http`, which takes less processor time than `fetch`:
 * a worker whose operations come one by one sends two requests for each.
 *
 * Connections are kept. Proxies of the environment are used if Node's own `fetch` uses them, that is
 * with `NODE_USE_ENV_PROXY`. Redirects are not followed. Answers are not compressed: a claim is read
 * once, usually on the network of the server, and to compress and unpack it takes both sides more
 * time than the transfer.
 */
export function workerSending(clock: Clock): Sending {
  const sender = new Sender({
    clock,
    userAgent: userAgent(),
    freeConnectionsMax: LIMITS.remoteConnectionsKept,
    proxyEnv: (http.globalAgent as http.Agent & { readonly options: http.AgentOptions }).options.proxyEnv,
  });
  return {
    async send({ verb, url, headers, text, signal }: Sent): Promise<Answer> {
      const request = {
        method: verb,
        headers: { ...headers, "accept-encoding": "identity" },
        ...(text === undefined ? {} : { body: text }),
      };
      const response = await sender.send(new URL(url), request, { signal });
      const { bytes } = await readBody(response, LIMITS.remoteAnswerBytesMax, signal);
      const { statusCode = 0 } = response;
      return answerOf(statusCode, bytes.toString("utf8"), (name) => response.headers[name]);
    },
    close: () => sender.close(),
  };
}
