import type { Message } from "@bufbuild/protobuf";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type * as operations from "../../src/wire/gen/longrunning/v1/admin_operations_pb.ts";
import type * as admin from "../../src/wire/gen/longrunning/v1/admin_pb.ts";
import type * as statistics from "../../src/wire/gen/longrunning/v1/admin_statistics_pb.ts";
import type * as webhooks from "../../src/wire/gen/longrunning/v1/admin_webhooks_pb.ts";
import type * as endpoints from "../../src/wire/gen/longrunning/v1/webhooks_pb.ts";

/**
 * A message as the admin API writes it. Times are RFC 3339 texts, durations are texts such as
 * `1.5s`, and fields with their default values are left out.
 */
type AsJson<T> = T extends Timestamp | Duration
  ? string
  : T extends readonly (infer Element)[]
    ? readonly AsJson<Element>[]
    : T extends Message
      ? { readonly [Key in Exclude<keyof T, "$typeName" | "$unknown">]?: AsJson<T[Key]> }
      : T;

export type Session = AsJson<admin.Session>;
export type Summary = AsJson<statistics.Summary>;
export type Attention = AsJson<statistics.Attention>;
export type LiveCounts = AsJson<statistics.LiveCounts>;
export type Ended = AsJson<statistics.Ended>;
export type Bucket = AsJson<statistics.Bucket>;
export type MethodState = AsJson<statistics.MethodState>;
export type MethodStates = AsJson<admin.ListMethodStatesResponse>;
export type MethodDetail = AsJson<statistics.MethodDetail>;
export type Histogram = AsJson<statistics.Histogram>;
export type KeyState = AsJson<statistics.KeyState>;
export type OperationRow = AsJson<operations.OperationRow>;
export type OperationRows = AsJson<operations.ListOperationRowsResponse>;
export type OperationCount = AsJson<operations.CountOperationRowsResponse>;
export type OperationRecord = AsJson<operations.OperationRecord>;
export type Attempt = AsJson<operations.Attempt>;
export type FailureGroup = AsJson<statistics.FailureGroup>;
export type Failures = AsJson<admin.ListFailuresResponse>;
export type WorkerState = AsJson<statistics.WorkerState>;
export type Workers = AsJson<admin.ListWorkersResponse>;
export type StartRequest = AsJson<operations.StartAdminOperationRequest>;
export type BulkRequest = AsJson<operations.StartBulkRequest>;
export type Webhooks = AsJson<webhooks.ListWebhookStatesResponse>;
export type WebhookState = AsJson<webhooks.WebhookState>;
export type WebhookDetail = AsJson<webhooks.WebhookDetail>;
export type WebhookEndpoint = AsJson<endpoints.WebhookEndpoint>;
export type WebhookDelivery = AsJson<endpoints.WebhookDelivery>;
