import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { z } from "zod";
import { LIMITS } from "../../src/core/limits.ts";
import { defineMethod } from "../../src/index.ts";
import { openRestServer, type RestServer } from "../../src/server/rest/rest-server.suite.ts";

/** A method whose target and key callers choose. */
const record = defineMethod({
  name: "record",
  request: z.looseObject({ target: z.string().default(""), key: z.string().default("") }),
  timeToLive: { min: "1s", max: "3650d" },
  target: ({ target }) => target,
  parallel: { key: ({ key }) => key, limit: 100, when: "queue" },
  run() {},
});

/** A request: HTTP method and address, and a body. */
type Sent = readonly [call: string, body?: string];

interface Limit {
  readonly limit: string;
  /** A request of that size, in the unit of the limit. */
  readonly of: (size: number) => Sent;
  readonly max: number;
  /** The reason of the error for one more. */
  readonly reason: string;
}

const start = (query: string): Sent => [`POST /v1:record?${query}`, "{}"];
const startWith = (body: object | string): Sent => [
  "POST /v1:record",
  typeof body === "string" ? body : JSON.stringify(body),
];
const under = (parent: string): Sent => [`POST /v1/${encodeURIComponent(parent)}:record`, "{}"];
const filtered = (filter: string): Sent => [`GET /v1/operations?filter=${encodeURIComponent(filter)}`];
/** As long in characters and bytes as allowed, but longer in UTF-16 code units. */
const wide = (length: number): string => "😀".repeat(341) + "a".repeat(length - 341);

const TEXTS: readonly Limit[] = [
  {
    limit: "characters of a request id",
    of: (size) => start(`requestId=${encodeURIComponent("😀".repeat(size))}`),
    max: LIMITS.requestIdLengthMax,
    reason: "REQUEST_ID_INVALID",
  },
  {
    limit: "characters of a parent",
    of: (size) => under(wide(size)),
    max: LIMITS.nameLengthMax,
    reason: "NAME_INVALID",
  },
  {
    limit: "bytes of a parent",
    of: (size) => under("é".repeat(512) + "語".repeat(341) + "a".repeat(size - 2_047)),
    max: LIMITS.nameBytesMax,
    reason: "NAME_INVALID",
  },
  {
    limit: "characters of a target",
    of: (size) => startWith({ target: "😀".repeat(size) }),
    max: LIMITS.targetLengthMax,
    reason: "REQUEST_INVALID",
  },
  {
    limit: "characters of a key",
    of: (size) => startWith({ key: "😀".repeat(size) }),
    max: LIMITS.parallelKeyLengthMax,
    reason: "REQUEST_INVALID",
  },
  {
    limit: "characters of a quota user",
    of: (size) => start(`quotaUser=${"u".repeat(size)}`),
    max: LIMITS.quotaUserLengthMax,
    reason: "PARAMETER_INVALID",
  },
  {
    limit: "characters of a filter",
    of: (size) => filtered("a".repeat(size)),
    max: LIMITS.filterLengthMax,
    reason: "FILTER_INVALID",
  },
];

const NUMBERS: readonly Limit[] = [
  {
    limit: "priority",
    of: (size) => start(`priority=${size}`),
    max: LIMITS.priorityMax,
    reason: "PRIORITY_INVALID",
  },
  {
    limit: "milliseconds of a delay",
    of: (size) => start(`delay=${size / 1_000}s`),
    max: LIMITS.delayMsMax,
    reason: "DELAY_INVALID",
  },
  {
    limit: "milliseconds of a time to live",
    of: (size) => start(`timeToLive=${size / 1_000}s`),
    max: LIMITS.timeToLiveMsMax,
    reason: "TIME_TO_LIVE_INVALID",
  },
  {
    limit: "milliseconds that a time to live lacks",
    of: (size) => start(`timeToLive=${-size / 1_000}s`),
    max: -LIMITS.timeToLiveMsMin,
    reason: "TIME_TO_LIVE_INVALID",
  },
  {
    limit: "restrictions of a filter",
    of: (size) => filtered("a ".repeat(size)),
    max: LIMITS.filterTermsMax,
    reason: "FILTER_INVALID",
  },
  {
    limit: "parentheses in a filter",
    of: (size) => filtered(`${"(".repeat(size)}a${")".repeat(size)}`),
    max: LIMITS.filterDepthMax,
    reason: "FILTER_INVALID",
  },
  {
    limit: "names of a field mask",
    of: (size) => [`GET /v1/operations?fields=${"operations,".repeat(size - 1)}operations`],
    max: LIMITS.fieldMaskNamesMax,
    reason: "PARAMETER_INVALID",
  },
  {
    limit: "levels of a field mask",
    of: (size) => [`GET /v1/operations?fields=operations/response${"/a".repeat(size - 1)}`],
    max: LIMITS.jsonDepthMax,
    reason: "PARAMETER_INVALID",
  },
  {
    limit: "parameters",
    of: (size) => [`GET /v1/operations?${"key=&".repeat(size)}`],
    max: LIMITS.parametersMax,
    reason: "PARAMETER_INVALID",
  },
];

const BODIES: readonly Limit[] = [
  {
    limit: "bytes of a body",
    of: (size) => startWith(`{"text":"${"x".repeat(size - 11)}"}`),
    max: LIMITS.bodyBytesMax,
    reason: "BODY_TOO_LARGE",
  },
  {
    limit: "levels of a body",
    of: (size) => startWith(`{"list":${"[".repeat(size - 1)}${"]".repeat(size - 1)}}`),
    max: LIMITS.jsonDepthMax,
    reason: "BODY_INVALID",
  },
  {
    limit: "values of a body",
    of: (size) => startWith(`{"list":[${"1,".repeat(size - 2)}1]}`),
    max: LIMITS.jsonValuesMax,
    reason: "BODY_INVALID",
  },
  {
    limit: "starts of a call",
    of: (size) => ["POST /v1:startOperations", `{"requests":[${"{},".repeat(size - 1)}{}]}`],
    max: LIMITS.startsMax,
    reason: "REQUEST_INVALID",
  },
];

suite("a request exactly at its limit is accepted, and one more is refused:", () => {
  let server: RestServer;
  before(async () => (server = await openRestServer([record])));
  after(() => server[Symbol.asyncDispose]());
  const call = async ([target, body]: Sent) => {
    const [method = "", address = ""] = target.split(" ");
    return await server.call(method, address, body === undefined ? {} : { body });
  };

  for (const { limit, of, max, reason } of [...TEXTS, ...NUMBERS, ...BODIES])
    test(limit, async () => {
      const taken = await call(of(max));
      assert.equal(taken.status, 200, taken.text.slice(0, 500));
      const refused = await call(of(max + 1));
      assert.equal(refused.json?.error?.details[0]?.reason, reason, refused.text.slice(0, 500));
    });

  test("calls of a batch", async () => {
    const headers = { "content-type": "multipart/mixed; boundary=b" };
    const batch = (size: number) => server.call("POST", "/batch", { body: batchOf(size), headers });
    const taken = await batch(LIMITS.batchCallsMax);
    assert.equal(taken.text.match(/^HTTP\/1\.1 404/gm)?.length, LIMITS.batchCallsMax);
    const refused = await batch(LIMITS.batchCallsMax + 1);
    assert.equal(refused.json?.error?.details[0]?.reason, "BATCH_INVALID");
  });
});

function batchOf(size: number): string {
  const part = "--b\r\ncontent-type: application/http\r\n\r\nGET /v1/x\r\n\r\n";
  return `${part.repeat(size)}--b--\r\n`;
}
