import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { OperationRow } from "../../../dashboard/src/wire.ts";
import { type Json, type Sample, sampleOf } from "./fixture-data.ts";

/** An answer that a test gives instead of the usual one. */
export interface Instead {
  readonly status?: number;
  readonly body?: unknown;
  /** Never answers. */
  readonly hold?: boolean;
}

/** A call that changes something. */
export interface Change {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/**
 * A server with answers from the test, for states that a real server has rarely or never; the page
 * cannot tell the difference. Other tests use a real server.
 */
export interface Fixture extends AsyncDisposable {
  /** Ends with `/admin/`. */
  readonly url: string;
  sample: Sample;
  /** Calls that change something, in their order. */
  readonly changes: Change[];
  /** The paths that were read. */
  readonly reads: string[];
  /** Called first; undefined leaves the usual answer. */
  instead: (path: string, query: URLSearchParams, request: IncomingMessage) => Instead | undefined;
}

const FILES = fileURLToPath(new URL("../../../dist/dashboard/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
};
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export async function startFixture(): Promise<Fixture> {
  const fixture: Omit<Fixture, "url" | typeof Symbol.asyncDispose> = {
    sample: sampleOf(Date.now()),
    changes: [],
    reads: [],
    instead: () => undefined,
  };
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    void answer(fixture, request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(fixture, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin/`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  });
}

async function answer(
  fixture: Omit<Fixture, "url" | typeof Symbol.asyncDispose>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const path = decodeURIComponent(url.pathname.replace(/^\/admin\//, ""));
  if (!path.startsWith("v1/")) return sendFile(path, response);
  const call = path.slice("v1/".length);
  const method = request.method ?? "GET";
  const instead = fixture.instead(call, url.searchParams, request);
  if (method === "GET") fixture.reads.push(`${call}${url.search}`);
  else {
    const body = method === "POST" ? ((await json(request)) as Record<string, unknown>) : {};
    if (body["validateOnly"] !== true) fixture.changes.push({ method, path: call, body });
  }
  const usual = (): Instead =>
    method === "GET" ? read(fixture.sample, call, url.searchParams) : changed(call);
  if (instead?.hold === true) return;
  const { status = 200, body } = instead ?? usual();
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body ?? {}));
}

function sendFile(path: string, response: ServerResponse): void {
  const name = path === "" || path === "/" ? "index.html" : path;
  if (!readdirSync(FILES).includes(name)) return void response.writeHead(404).end();
  response.setHeader("content-type", TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "text/plain");
  response.end(readFileSync(join(FILES, name)));
}

/** An error as the server writes it. */
export function refusal(status: number, code: string, reason: string, message: string): Instead {
  const details = [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "archive.example.com" },
  ];
  return { status, body: { error: { code: status, status: code, message, details } } };
}

function changed(call: string): Instead {
  if (call.includes(":pause") || call.endsWith(":resume") || call.endsWith(":cancel")) return { body: {} };
  return { body: { name: "operations/01a22339-6e92-7000-a8b7-99999a31c099" } };
}

function read(sample: Sample, call: string, query: URLSearchParams): Instead {
  if (call === "session") return { body: sample.session };
  if (call === "summary") return { body: sample.summary };
  if (call === "methods") return { body: sample.methods };
  if (call.startsWith("methods/")) return found(sample.details[call.slice("methods/".length)]);
  if (call === "failures") return { body: sample.failures };
  if (call === "workers") return { body: sample.workers };
  if (call === "webhookEndpoints") return { body: sample.webhooks };
  if (call.includes("webhookEndpoints/")) return found(sample.webhookDetails[call]);
  if (call === "operations") return { body: listed(sample, query) };
  if (call === "operations:count") return { body: counted(sample, query) };
  return found(sample.records[call]);
}

function found(body: Json | undefined): Instead {
  return body === undefined
    ? refusal(404, "NOT_FOUND", "OPERATION_NOT_FOUND", "The operation does not exist.")
    : { body };
}

function matching(sample: Sample, query: URLSearchParams): OperationRow[] {
  const filter = query.get("filter") ?? "";
  const state = /metadata\.state = (\w+)/.exec(filter)?.[1];
  const end = /name = "\*([^"]+)"/.exec(filter)?.[1];
  const method = query.get("method") ?? "";
  return sample.rows.filter(
    (row) =>
      (state === undefined || row.state === state) &&
      (!filter.includes("done = false") || row.endTime === undefined) &&
      (end === undefined || row.name?.endsWith(end) === true) &&
      (method === "" || row.method === method),
  );
}

function listed(sample: Sample, query: URLSearchParams): object {
  const rows = matching(sample, query);
  const from = Number(query.get("pageToken") ?? 0);
  const size = Number(query.get("pageSize") ?? 50);
  const next = from + size < rows.length ? String(from + size) : "";
  return {
    operations: rows.slice(from, from + size),
    lookedAt: Math.max(size, rows.length),
    ...(next === "" ? {} : { nextPageToken: next }),
    asOf: new Date().toISOString(),
  };
}

function counted(sample: Sample, query: URLSearchParams): object {
  const rows = matching(sample, query);
  return {
    count: rows.length,
    complete: true,
    lookedAt: rows.length,
    notAfter: new Date().toISOString(),
    examples: rows.slice(0, 5),
    done: rows.filter((row) => row.endTime !== undefined).length,
  };
}
