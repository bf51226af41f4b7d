import assert from "node:assert/strict";
import { z } from "zod";
import type { ServeOptions } from "../assembly/options.ts";
import { StatusError } from "../core/error/error.ts";
import { defineMethod } from "../core/method/method.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { LOOPBACK, Receiver } from "../outbound/receiver.suite.ts";

export const echo = defineMethod({
  name: "echo",
  request: z.object({ fails: z.boolean().default(false), text: z.string().default("") }),
  response: z.object({ text: z.string() }),
  run: ({ fails, text }) => {
    if (fails) throw new StatusError("NOT_FOUND", "No such file.");
    return { text };
  },
});

/** The answer of a server. */
export interface Answered {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON that each test knows
  readonly body: any;
}

/** A server with webhooks, and a receiver, on a ManualClock. */
export interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly receiver: Receiver;
  readonly clock: ManualClock;
  call(this: void, method: string, path: string, body?: object): Promise<Answered>;
  /** Creates an endpoint for the receiver. @returns its name and its secret */
  endpoint(fields?: object, parent?: string): Promise<{ readonly name: string; readonly secret: string }>;
  /** Starts an operation that ends by itself. */
  start(request?: object, parent?: string): Promise<void>;
  /** The deliveries of an endpoint, oldest first, once they fulfil the condition. */
  deliveries(name: string, are: (deliveries: readonly Delivery[]) => boolean): Promise<readonly Delivery[]>;
}

export interface Delivery {
  readonly name: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly state: string;
  readonly status?: number;
  readonly nextTryTime?: string;
  readonly failedTries?: readonly { readonly error: string; readonly duration: string }[];
}

export async function openWorld(options: Partial<ServeOptions> = {}): Promise<World> {
  const clock = new ManualClock();
  const receiver = await Receiver.open();
  const given = { webhooks: true, webhookAllow: LOOPBACK, clock, ...options };
  const server = await startTestServer([echo], given).catch(async (error: unknown) => {
    await receiver[Symbol.asyncDispose]();
    throw error;
  });
  const call = async (method: string, path: string, body?: object): Promise<Answered> => {
    const headers = { "content-type": "application/json" };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${server.url}/v1/${path}`, { method, headers, ...sent });
    return { status: response.status, body: await response.json() };
  };
  const succeeded = async (method: string, path: string, body?: object): Promise<Answered["body"]> => {
    const answered = await call(method, path, body);
    assert.equal(answered.status, 200, JSON.stringify(answered.body));
    return answered.body;
  };
  return {
    server,
    receiver,
    clock,
    call,
    endpoint: (fields = {}, parent = "projects/p") =>
      succeeded("POST", `${parent}/webhookEndpoints`, { url: `${receiver.url}/hook`, ...fields }),
    start: async (request = {}, parent = "projects/p") => {
      await succeeded("POST", `${parent}:echo`, request);
    },
    deliveries: async (name, are) => {
      for (;;) {
        const { deliveries = [] } = await succeeded("GET", `${name}/deliveries`);
        const found = (deliveries as readonly Delivery[]).toReversed();
        if (are(found)) return found;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

/** Whether there are this many deliveries, all in one state. */
export function allAre(count: number, state: string): (deliveries: readonly Delivery[]) => boolean {
  return (deliveries) => deliveries.length === count && deliveries.every((each) => each.state === state);
}
