import { type DescMessage, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import type { OperationRow } from "../../../dashboard/src/wire.ts";
import * as operations from "../../../src/wire/gen/longrunning/v1/admin_operations_pb.ts";
import * as admin from "../../../src/wire/gen/longrunning/v1/admin_pb.ts";
import * as statistics from "../../../src/wire/gen/longrunning/v1/admin_statistics_pb.ts";
import * as hooks from "../../../src/wire/gen/longrunning/v1/admin_webhooks_pb.ts";
import { detailOf, failuresOf, methodsOf, seriesOf, workersOf } from "./fixture-methods.ts";
import { recordOf, rowsOf } from "./fixture-operations.ts";
import { webhookDetailOf, webhooksOf } from "./fixture-webhooks.ts";

/** The admin API's answers about a sample service. */
export interface Sample {
  session: Json;
  summary: Json;
  methods: Json;
  details: Record<string, Json>;
  rows: OperationRow[];
  records: Record<string, Json>;
  failures: Json;
  workers: Json;
  webhooks: Json;
  webhookDetails: Record<string, Json>;
}

export type Json = Record<string, JsonValue>;

/** The time that was this many milliseconds ago. */
export type At = (ago: number) => string;

/** The JSON form of a message; unknown fields are refused. */
export function checked(schema: DescMessage, json: object): Json {
  return toJson(schema, fromJson(schema, json as JsonValue)) as Json;
}

const MINUTE = 60_000;

/** A service with everything: failed, waiting, blocked, running and ended operations. */
export function sampleOf(now: number): Sample {
  const at: At = (ago) => new Date(now - ago).toISOString();
  const methods = methodsOf(at);
  const failures = failuresOf(at);
  const series = seriesOf(at);
  const rows = rowsOf(at);
  const webhooks = webhooksOf(at);
  const details = methods.map((state) => [
    state.method,
    checked(statistics.MethodDetailSchema, detailOf(state, { at, series, failures })),
  ]);
  return {
    session: checked(admin.SessionSchema, { ...SESSION, time: at(0) }),
    summary: checked(statistics.SummarySchema, { ...summaryOf(at), methods, series, failures }),
    methods: checked(admin.ListMethodStatesResponseSchema, { methods, asOf: at(0) }),
    details: Object.fromEntries(details) as Record<string, Json>,
    rows: rows.map((row) => checked(operations.OperationRowSchema, row)),
    records: Object.fromEntries(
      rows.map((row) => [row.name, checked(operations.OperationRecordSchema, recordOf(row, at))]),
    ),
    failures: checked(admin.ListFailuresResponseSchema, { failures, since: at(90 * MINUTE), asOf: at(0) }),
    workers: checked(admin.ListWorkersResponseSchema, { workers: workersOf(at), asOf: at(0) }),
    webhooks: checked(hooks.ListWebhookStatesResponseSchema, {
      webhooks,
      asOf: at(0),
      countedSince: at(60 * MINUTE),
    }),
    webhookDetails: Object.fromEntries(
      webhooks.map((state) => [
        state.endpoint?.name,
        checked(hooks.WebhookDetailSchema, webhookDetailOf(state, at)),
      ]),
    ),
  };
}

const SESSION = {
  access: ["full"],
  version: "0.1.0",
  service: "archive.example.com",
  store: "PostgreSQL 18.1",
  schema: 33,
  statistics: true,
  webhooks: true,
  publicUrl: "https://archive.example.com",
  payloadBytesMax: 262_144,
  lookedAtMax: 10_000,
};

const ATTENTION = [
  {
    rule: "failing",
    method: "exportReport",
    sentence: "failed 82 % of the time in the last 5 minutes",
    detail: "UNAVAILABLE, “smtp relay timed out”",
    linkText: "Show 1,402 failures",
    link: "#/operations?view=failed&method=exportReport",
  },
  {
    rule: "blocked",
    method: "resizeDisk",
    sentence: "has waited 14 minutes to begin",
    detail: "1,204 are blocked behind 2 of 2 places of key disk-7",
    linkText: "Show what waits",
    link: "#/operations?view=blocked&method=resizeDisk",
  },
];

function summaryOf(at: At): object {
  return {
    asOf: at(0),
    attention: ATTENTION,
    failuresSince: at(90 * MINUTE),
    live: {
      waiting: 80,
      blocked: 1_204,
      running: 61,
      oldestWaiting: at(48_000),
      oldestBlocked: at(14 * MINUTE),
    },
    ended: {
      started: 44_000,
      succeeded: 42_918,
      failed: 1_466,
      cancelled: 87,
      begin: { p50: "0.3s", p95: "5s", p99: "300s" },
      run: { p50: "3.1s", p95: "19s", p99: "60s" },
    },
    bucket: "60s",
    workers: 4,
    slots: 128,
  };
}
