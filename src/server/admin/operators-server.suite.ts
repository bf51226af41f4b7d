import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import type { ServeOptions } from "../../assembly/options.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";

/** A method whose request determines the outcome. */
export const work = defineMethod({
  name: "work",
  request: z.object({ text: z.string() }),
  response: z.object({ text: z.string() }),
  retry: { attempts: 1 },
  run: ({ text }) => {
    if (text === "fail") throw new Error("the secret reason");
    return { text };
  },
});

/** A server that treats the test as an operator. */
export interface OperatorsServer extends TestServer {
  /** Sends a request below `/admin/`, and reads the JSON of the answer. */
  ask(
    method: string,
    path: string,
    asked?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Asked>;
  /** Starts an operation, waits for its end, and returns its name. */
  done(text: string, parent?: string): Promise<string>;
}

/** An answer. */
export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** The reason of an error. */
  readonly reason: string | undefined;
}

/** Opens one: `await using server = await openOperatorsServer()`. */
export async function openOperatorsServer(options: Partial<ServeOptions> = {}): Promise<OperatorsServer> {
  const server = await startTestServer([work], options);
  return {
    ...server,
    ask: (method, path, asked) => askAt(`${server.url}/admin/${path}`, method, asked),
    done: async (text, parent = "") => {
      const { name } = await server.operations.start(work, { text }, { parent });
      await server.operations.wait(name);
      return name;
    },
  };
}

/** Sends a request, and reads the JSON of the answer. */
export async function askAt(
  url: string,
  method: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Asked> {
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await fetch(url, { method, redirect: "manual", headers: { ...type, ...headers }, ...sent });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.startsWith("application/json") === true && text !== "";
  const json = isJson ? (JSON.parse(text) as Asked["json"]) : {};
  const error = json["error"] as { readonly details?: readonly { readonly reason?: string }[] } | undefined;
  return { status: answer.status, headers: answer.headers, text, json, reason: error?.details?.[0]?.reason };
}
