import assert from "node:assert/strict";
import type { Target } from "./request.ts";

interface WireOperation {
  readonly name: string;
  readonly done?: boolean;
  readonly response?: { readonly value?: unknown };
}

interface WirePage {
  readonly operations?: readonly WireOperation[];
  readonly nextPageToken?: string;
}

/**
 * A start, a wait, a get and a list, which must be answered as if nothing had happened. @throws
 * {Error} with the wrong answer
 */
export async function checkHealth(url: string): Promise<void> {
  const request = { text: "a normal request" };
  const started = await call<WireOperation>(url, "/v1/projects/health:echo?timeToLive=2s", request);
  const waited = await call<WireOperation>(url, `/v1/${started.name}:wait`, { timeout: "10s" });
  assert.equal(waited.done, true, "the operation did not end");
  assert.deepEqual(waited.response?.value, request);
  assert.deepEqual(await call<WireOperation>(url, `/v1/${started.name}`), waited);
  const { operations = [] } = await call<WirePage>(url, "/v1/projects/health/operations");
  assert.ok(
    operations.some(({ name }) => name === started.name),
    "the operation is not in the list",
  );
  assert.equal(({} as { isAdmin?: unknown }).isAdmin, undefined);
}

/**
 * Operations to attack: new ones of both methods, with and without a parent, and names that do not
 * exist.
 */
export async function findTargets(url: string): Promise<Target> {
  const paths = [
    "/v1:echo",
    "/v1/projects/p:echo",
    "/v1/projects/p/locations/l:echo",
    "/v1:fail",
    "/v1:echo",
  ];
  const started = await Promise.all(
    paths.map((path) => call<WireOperation>(url, `${path}?timeToLive=10s`, { text: "a target" })),
  );
  const page = await call<WirePage>(url, "/v1/operations?pageSize=1");
  return {
    host: new URL(url).host,
    names: [
      ...started.map(({ name }) => name),
      "operations/00000000-0000-7000-8000-000000000000",
      "operations/x",
      "projects/p/operations/operations/operations",
    ],
    pageTokens: [page.nextPageToken ?? ""],
  };
}

async function call<Answer>(url: string, path: string, body?: unknown): Promise<Answer> {
  const post = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  };
  const response = await fetch(`${url}${path}`, {
    signal: AbortSignal.timeout(15_000),
    ...(body === undefined ? {} : post),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${path} was answered with ${text}`);
  return JSON.parse(text) as Answer;
}
