import assert from "node:assert/strict";
import { type Payload, STRUCT } from "../../core/operation/payload.ts";
import { SEAL } from "../../core/operation/sealed.ts";
import type { RestServer } from "./rest-server.suite.ts";

/** An answer in progress. */
export interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** Reads until the text contains the part. @returns everything received so far */
  until(part: string): Promise<string>;
  /** Reads to the end. */
  rest(): Promise<string>;
  close(): void;
}

/** Starts to read a stream. */
export async function openStream(
  server: Pick<RestServer, "url">,
  path: string,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const hangUp = new AbortController();
  const response = await fetch(`${server.url}${path}`, { headers, signal: hangUp.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const more = async (): Promise<boolean> => {
    const { done = true, value = "" } = (await reader?.read()) ?? {};
    text += value;
    return !done;
  };
  return {
    status: response.status,
    headers: response.headers,
    until: async (part) => {
      while (!text.includes(part)) assert.ok(await more(), `The stream ended without ${part}: ${text}`);
      return text;
    },
    rest: async () => {
      while (await more()) continue;
      return text;
    },
    close: () => hangUp.abort(),
  };
}

/** Brings the operation with a name into the states that a test needs. */
export function run(server: RestServer, name: string) {
  const id = name.split("/").at(-1) ?? "";
  const read = async () => (await server.store.read(id)) ?? assert.fail("it is there");
  const replace = async (change: object): Promise<number> => {
    const operation = await read();
    const next = { ...operation, ...change, revision: operation.revision + 1 };
    await server.store.write({ verb: "replace", next, expectedRevision: operation.revision });
    return next.revision;
  };
  return {
    report: (metadata: object) => replace({ metadata: structOf(metadata) }),
    /** Like a report of a process whose payloads are encrypted. */
    reportSealed: () => replace({ metadata: { type: STRUCT, json: `${SEAL}x` } }),
    end: async () => {
      const now = server.clock.now();
      const { timeToLiveMs } = await read();
      const times = { endTime: now, expireTime: now + timeToLiveMs, leaseTime: null, worker: null };
      return replace({ state: "SUCCEEDED", response: structOf({ path: "a" }), ...times });
    },
    remove: () => server.store.write({ verb: "remove", id, parent: name.split("/").slice(0, -2).join("/") }),
  };
}

function structOf(value: object): Payload {
  return { type: STRUCT, json: JSON.stringify(value) };
}

/** The parts of events that tests look at. */
interface Shown {
  readonly name?: string;
  readonly done?: boolean;
  readonly metadata?: { readonly value: Readonly<Record<string, unknown>> };
}

/** The events in a text, without comments. */
export function eventsIn(
  text: string,
): { readonly event: string; readonly id: string | undefined; readonly data: Shown }[] {
  return text
    .split("\n\n")
    .filter((block) => block.startsWith("event:"))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      return {
        event: field("event") ?? "",
        id: field("id"),
        data: JSON.parse(field("data") ?? "null") as Shown,
      };
    });
}
