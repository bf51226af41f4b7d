import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type ReadMetric, readMetrics, type ReadSpan, readSpans } from "./otlp-reader.ts";

/** A collector: receives traces and metrics by OTLP over HTTP, and keeps them. */
export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly ReadSpan[];
  readonly metrics: readonly ReadMetric[];
  /** Media types of the requests. */
  readonly types: ReadonlySet<string>;
  /** Resolves when the received data satisfies a condition. */
  until(satisfied: (received: Pick<OtlpReceiver, "spans" | "metrics">) => boolean): Promise<void>;
}

/** Starts a receiver: `await using receiver = await startOtlpReceiver()`. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReadSpan[] = [];
  const metrics: ReadMetric[] = [];
  const types = new Set<string>();
  const waiting = new Set<() => void>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const type = request.headers["content-type"] ?? "";
    types.add(type);
    const isJson = type === "application/json";
    if (request.url === "/v1/traces") spans.push(...readSpans(body, isJson));
    else if (request.url === "/v1/metrics") metrics.push(...readMetrics(body, isJson));
    response.setHeader("content-type", type).end(isJson ? "{}" : "");
    for (const look of waiting) look();
  };
  const server = createServer((request, response) => {
    void take(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const received = { spans, metrics };
  return {
    ...received,
    types,
    url: `http://127.0.0.1:${port}`,
    until: (satisfied) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!satisfied(received)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
