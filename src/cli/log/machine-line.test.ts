import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { type Entry, gcpLine, jsonLine } from "./machine-line.ts";

const trace = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  flags: "01",
  state: "",
};
const time = "2026-01-01T00:00:00.000Z";
const attempt: Entry = {
  time,
  level: "warn",
  message: "a handler failed unexpectedly",
  fields: {
    operation: "operations/1",
    method: "createArchive",
    attempt: 2,
    worker: "host-1-a",
    exception: "Error",
  },
  trace,
};
const request: Entry = {
  time,
  level: "info",
  message: "request",
  fields: {
    method: "GET",
    path: "/v1/operations/1",
    status: 404,
    code: "NOT_FOUND",
    durationMs: 1.25,
    bytes: 90,
    principal: "anonymous",
  },
};

/** The required and the optional members of a line. */
const JSON_LINE = z.looseObject({
  time: z.iso.datetime(),
  level: z.enum(["debug", "info", "warn", "error"]),
  severity: z.enum(["DEBUG", "INFO", "WARNING", "ERROR"]),
  message: z.string(),
  operation: z.string().optional(),
  method: z.string().optional(),
  attempt: z.int().optional(),
  worker: z.string().optional(),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  spanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
});

const GCP_LINE = z.looseObject({
  time: z.iso.datetime(),
  severity: z.enum(["DEBUG", "INFO", "WARNING", "ERROR"]),
  message: z.string(),
  "logging.googleapis.com/trace": z
    .string()
    .regex(/^(?:projects\/[^/]+\/traces\/)?[0-9a-f]{32}$/)
    .optional(),
  "logging.googleapis.com/spanId": z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  "logging.googleapis.com/trace_sampled": z.boolean().optional(),
  "logging.googleapis.com/operation": z.strictObject({ id: z.string(), producer: z.string() }).optional(),
  "logging.googleapis.com/labels": z.record(z.string(), z.string()).optional(),
  httpRequest: z
    .strictObject({
      requestMethod: z.string(),
      requestUrl: z.string(),
      status: z.int(),
      latency: z.string().regex(/^\d+(?:\.\d{1,9})?s$/),
      responseSize: z.string().regex(/^\d+$/),
    })
    .optional(),
});

const read = (line: string): unknown => {
  assert.match(line, /^[^\n]*\n$/);
  return JSON.parse(line);
};

suite("jsonLine()", () => {
  test("has every known field, and no field replaces another", () => {
    const hostile = {
      ...attempt,
      fields: { ...attempt.fields, time: "never", level: "x", severity: "y", message: "z", traceId: 1 },
    };
    const line = JSON_LINE.parse(read(jsonLine(hostile)));
    const { traceId, spanId } = trace;
    assert.deepEqual(line, {
      ...attempt.fields,
      traceId,
      spanId,
      time,
      level: "warn",
      severity: "WARNING",
      message: attempt.message,
    });
    assert.deepEqual(JSON_LINE.parse(read(jsonLine(request))), {
      ...request.fields,
      time,
      level: "info",
      severity: "INFO",
      message: "request",
    });
  });
});

suite("gcpLine()", () => {
  test("has operation, labels and trace where Google Cloud looks for them", () => {
    const line = GCP_LINE.parse(read(gcpLine(attempt, { project: "p", producer: "archive" })));
    assert.deepEqual(line, {
      exception: "Error",
      time,
      severity: "WARNING",
      message: attempt.message,
      "logging.googleapis.com/operation": { id: "operations/1", producer: "archive" },
      "logging.googleapis.com/labels": { attempt: "2", worker: "host-1-a", method: "createArchive" },
      "logging.googleapis.com/trace": `projects/p/traces/${trace.traceId}`,
      "logging.googleapis.com/spanId": trace.spanId,
      "logging.googleapis.com/trace_sampled": true,
    });
    const alone = GCP_LINE.parse(read(gcpLine(attempt, { producer: "archive" })));
    assert.equal(alone["logging.googleapis.com/trace"], trace.traceId);
  });

  test("has an HTTP request in the member for requests, and a gRPC call in ordinary fields", () => {
    const options = { producer: "archive" };
    const line = GCP_LINE.parse(read(gcpLine(request, options)));
    assert.deepEqual(line, {
      code: "NOT_FOUND",
      principal: "anonymous",
      time,
      severity: "INFO",
      message: "request",
      httpRequest: {
        requestMethod: "GET",
        requestUrl: "/v1/operations/1",
        status: 404,
        latency: "0.001250s",
        responseSize: "90",
      },
    });
    for (const durationMs of [0, 0.001, 0.009, 3_599_999.999]) {
      const of = { ...request, fields: { ...request.fields, durationMs } };
      GCP_LINE.parse(read(gcpLine(of, options)));
    }
    const { status: _, ...fields } = request.fields;
    const call = GCP_LINE.parse(
      read(gcpLine({ ...request, fields: { ...fields, method: "gRPC" } }, options)),
    );
    assert.equal(call.httpRequest, undefined);
    assert.deepEqual(call["logging.googleapis.com/labels"], { method: "gRPC" });
  });
});
