import { after } from "node:test";
import { assertNothingLeft } from "../testing/left-behind.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { createClient } from "./index.ts";

/** A step of a faulty network, for tests of this room. */

export type Step = Response | Error | ((request: Request) => Response | Promise<Response>);

/**
 * A network that answers by a script, and records the requests. A test that leaves a timer fails.
 */
export function network(...script: Step[]) {
  const sent: { call: string; body: string }[] = [];
  const clock = new ManualClock();
  after(() => assertNothingLeft({ timers: clock.pending }));
  const fake = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const request = new Request(input as string, init);
    sent.push({
      call: `${request.method} ${request.url.replace("http://host:1", "")}`,
      body: await request.text(),
    });
    const step = script.shift();
    if (step === undefined) throw new TypeError("the script is over");
    if (step instanceof Error) throw step;
    return typeof step === "function" ? await step(request) : step;
  };
  const client = createClient("http://host:1/", {
    fetch: fake,
    clock,
    random: seededRandom(1),
  });
  return { client, clock, sent, calls: () => sent.map((each) => each.call) };
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

export const struct = (value: object) => ({ "@type": "type.googleapis.com/google.protobuf.Struct", value });
export const running = (value: object = {}) =>
  json({ name: "operations/x", done: false, metadata: struct({ pollInterval: "1s", ...value }) });
export const succeeded = (value: object) =>
  json({ name: "operations/x", done: true, metadata: struct({}), response: struct(value) });
export const failure = (status: string, http: number, reason = "R_R") =>
  json(
    {
      error: {
        code: http,
        message: "No.",
        status,
        details: [
          { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "d", metadata: { a: "b" } },
        ],
      },
    },
    http,
  );
export const refused = () =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) });
