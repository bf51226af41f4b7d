import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import type { ListRequest } from "../../engine/listing/list.ts";
import type { StartRequest } from "../../engine/starting/request.ts";
import { parseQuery } from "./query.ts";
import {
  checkFields,
  checkNoParameters,
  checkNoRequestId,
  listRequest,
  startOfRoute,
  waitTimeoutMs,
} from "./transcoding.ts";

const ROUTE = { call: "start", method: "pack", parent: "projects/p" } as const;

function start(query: string, headers: Record<string, string> = {}): StartRequest {
  return startOfRoute(ROUTE, parseQuery(query), headers, { a: 1 });
}

function list(query: string, parent = "projects/p"): ListRequest {
  return listRequest({ call: "list", parent }, parseQuery(query));
}

const withReason =
  (reason: string) =>
  (error: unknown): boolean =>
    error instanceof StatusError && error.reason === reason;

suite("startOfRoute()", () => {
  test("takes the request from the body and the call's settings from the query", () => {
    assert.deepEqual(start("requestId=r&validateOnly=true&timeToLive=3600s&delay=1.5s&priority=5"), {
      method: "pack",
      parent: "projects/p",
      request: { a: 1 },
      requestId: "r",
      validateOnly: true,
      timeToLiveMs: 3_600_000,
      delayMs: 1_500,
      priority: 5,
      callbackUrl: undefined,
    });
  });

  test("takes the request id from the header, with or without quotes", () => {
    assert.equal(start("", { "idempotency-key": "r" }).requestId, "r");
    assert.equal(start("", { "idempotency-key": '"r"' }).requestId, "r");
    assert.equal(start("requestId=r", { "idempotency-key": "r" }).requestId, "r");
  });

  test("ignores the header for many starts", () => {
    checkNoRequestId({});
    assert.throws(() => checkNoRequestId({ "idempotency-key": "r" }), withReason("REQUEST_ID_INVALID"));
  });

  test("refuses two request ids", () => {
    assert.throws(() => start("requestId=a", { "idempotency-key": "b" }), withReason("REQUEST_ID_INVALID"));
  });

  test("leaves the refusal of an empty request id to the engine", () =>
    assert.equal(start("requestId=").requestId, ""));

  test("refuses an invalid time to live", () => {
    assert.throws(() => start("timeToLive=1h"), withReason("TIME_TO_LIVE_INVALID"));
  });

  test("refuses an invalid delay and an invalid priority", () => {
    for (const delay of ["1h", "5", "-1s", "soon"])
      assert.throws(() => start(`delay=${delay}`), withReason("DELAY_INVALID"), delay);
    for (const priority of ["high", "1.5", "1e1", "99999999999"])
      assert.throws(() => start(`priority=${priority}`), withReason("PRIORITY_INVALID"), priority);
  });
});

suite("listRequest()", () => {
  test("reads all parameters of the proto (contract 1.2)", () => {
    assert.deepEqual(
      list("filter=done%3Dtrue&orderBy=endTime+desc&pageSize=5&pageToken=t&returnPartialSuccess=false"),
      {
        parent: "projects/p",
        filter: "done=true",
        orderBy: "endTime desc",
        pageSize: 5,
        pageToken: "t",
        returnPartialSuccess: false,
      },
    );
  });

  test("takes the parent as name at the bare collection, and only there (contract 1.7)", () => {
    assert.equal(list("name=projects/q", "").parent, "projects/q");
    assert.throws(() => list("name=projects/q"), withReason("PARAMETER_INVALID"));
  });

  test("refuses a page size that is not a number (contract 4.4)", () => {
    assert.throws(() => list("pageSize=abc"), withReason("PAGE_SIZE_INVALID"));
  });
});

suite("waitTimeoutMs()", () => {
  test("takes the timeout from the query or the body (contract 5.1, 11.12)", () => {
    assert.equal(waitTimeoutMs(parseQuery("timeout=5s"), {}), 5_000);
    assert.equal(waitTimeoutMs([], { timeout: "1.5s" }), 1_500);
    assert.equal(waitTimeoutMs([], { name: "operations/a", timeout: null }), undefined);
  });

  test("refuses invalid durations", () => {
    assert.throws(() => waitTimeoutMs(parseQuery("timeout=5"), {}), withReason("PARAMETER_INVALID"));
    assert.throws(() => waitTimeoutMs([], { timeout: 5 }), withReason("PARAMETER_INVALID"));
  });
});

test("checkFields() refuses unknown fields in Google's words (contract 3.1)", () => {
  checkFields({ name: "operations/a" }, ["name"]);
  assert.throws(
    () => checkFields({ force: true }, ["name"]),
    /^StatusError: Invalid JSON payload received\. Unknown name "force": Cannot find field\.$/,
  );
});

test("checkNoParameters() refuses any parameter", () => {
  checkNoParameters([]);
  assert.throws(() => checkNoParameters([["a", "1"]]), withReason("PARAMETER_INVALID"));
});
