import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { ServeOptions } from "../../../src/assembly/options.ts";
import type { AccessOptions } from "../../../src/assembly/access.ts";
import { defineMethod, type Method } from "../../../src/core/method/method.ts";
import { startTestServer, type TestServer } from "../../../src/testing/test-server.ts";

/** Ends when the test says so. */
export const work = defineMethod({
  name: "work",
  request: z.object({ text: z.string() }),
  response: z.object({ text: z.string() }),
  run: async ({ text }, { signal }) => {
    if (text === "hold")
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return { text };
  },
});

/**
 * Two tenants, each with a caller, and one of them also with a viewer and a worker; and an operator
 * and an admin of both.
 */
export const RULES = `
groups:
  group:operators: [user:olga]
grants:
  - { members: [user:ada], role: caller, parent: projects/a }
  - { members: [user:vera], role: viewer, parent: projects/a }
  - { members: [user:wanda], role: worker, parent: projects/a }
  - { members: [user:bob], role: caller, parent: projects/b }
  - { members: [group:operators], role: operator, parent: "*" }
  - { members: [user:root], role: admin, parent: "*" }
  - { members: [user:reader], permissions: [longrunning.operations.get], parent: projects/a }
`;

/** A server with rules, for a test. */
export interface AccessServer extends TestServer {
  /** The path of its rules. */
  readonly file: string;
  /** Sends a request as a caller; "" means without credentials. */
  send(who: string, method: string, path: string, body?: unknown): Promise<Sent>;
}

export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  readonly text: string;
}

/** Trusts a header, as it may come from a proxy. */
const authenticate: NonNullable<AccessOptions["authenticate"]> = ({ headers }) => {
  const who = headers["x-user"];
  return typeof who === "string" && who !== "" ? { principal: `user:${who}` } : undefined;
};

export async function openAccessServer(
  rules = RULES,
  options: Partial<ServeOptions> = {},
  methods: readonly Method[] = [work],
): Promise<AccessServer> {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-access-"));
  const file = join(folder, "access.yaml");
  writeFileSync(file, rules);
  const server = await startTestServer(methods, { access: { rules: file, authenticate }, ...options });
  const send: AccessServer["send"] = async (who, method, path, body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { "content-type": "application/json", ...(who === "" ? {} : { "x-user": who }) };
    const response = await fetch(`${server.url}${path}`, { method, headers, ...sent });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
  const close = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true });
  };
  return { ...server, file, send, [Symbol.asyncDispose]: close };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
