import { Agent, request as httpRequest } from "node:http";
import type { Outcome } from "./grpc.ts";
import type { LimitRequest } from "./limit-inputs.ts";
import { problemOf } from "./verdict.ts";

const PATIENCE_MS = 60_000;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Sends a request unchanged. An answer that arrives before all of it was sent counts, too. */
export function sendRequest(port: number, { method, path, headers, body }: LimitRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = httpRequest({
      port,
      method,
      path,
      agent,
      host: "127.0.0.1",
      headers: { ...headers, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) },
    });
    request.setTimeout(PATIENCE_MS, () => request.destroy(new Error("Nothing was answered")));
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("close", () => {
        const status = response.statusCode ?? 0;
        const names = new Map(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
        const answer = { status, headers: names, body: Buffer.concat(chunks) };
        resolve({ status: String(status), problem: problemOf({ head: false }, { answers: [answer] }) });
      });
    });
    request.on("error", (error) => resolve({ status: "none", problem: error.message }));
    request.end(body);
  });
}
