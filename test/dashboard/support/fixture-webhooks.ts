import type {
  WebhookDelivery,
  WebhookDetail,
  WebhookEndpoint,
  WebhookState,
} from "../../../dashboard/src/wire.ts";
import type { At } from "./fixture-data.ts";
import { nameOf } from "./fixture-operations.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ENDS = ["operation.succeeded", "operation.failed", "operation.cancelled"];
const COMMON = {
  format: "STANDARD",
  payload: "FULL",
  state: "ENABLED",
  eventTypes: ENDS,
} satisfies WebhookEndpoint;

/** Endpoints that are failing, disabled, fixed in the settings, or healthy. */
export function webhooksOf(at: At): readonly WebhookState[] {
  const kept = { createTime: at(90 * 24 * HOUR), updateTime: at(2 * HOUR), etag: '"3"' };
  return [
    {
      endpoint: {
        ...COMMON,
        ...kept,
        name: "projects/acme/webhookEndpoints/billing",
        url: "https://billing.acme.example.com/hooks/longrunning?environment=production",
        filter: 'metadata.verb="exportReport"',
      },
      failingSince: at(42 * MINUTE),
      failingTries: 17,
      delivered: 1_204,
      failed: 3,
      retrying: 14,
    },
    {
      endpoint: {
        ...COMMON,
        ...kept,
        name: "projects/beta/locations/eu/webhookEndpoints/e5d41402abc4b2a76b9719d911017c592",
        url: "https://events.beta.example.org/operations",
        eventTypes: [...ENDS, "operation.retrying", "operation.removed"],
        state: "DISABLED",
        disableReason: "Nothing was answered with success for five days.",
      },
    },
    {
      endpoint: {
        ...COMMON,
        name: "webhookEndpoints/audit",
        url: "https://audit.example.com/",
        eventTypes: ENDS,
        fixed: true,
      },
      delivered: 44_471,
    },
    {
      endpoint: {
        ...COMMON,
        name: "webhookEndpoints/callbacks",
        callbackHosts: ["hooks.example.com", "*.example.org"],
        eventTypes: ENDS,
        fixed: true,
      },
      delivered: 12,
    },
  ];
}

/** One endpoint with its deliveries. */
export function webhookDetailOf(state: WebhookState, at: At): WebhookDetail {
  const name = state.endpoint?.name ?? "";
  return {
    state,
    deliveries: (state.delivered ?? 0) === 0 ? [] : deliveriesOf(name, at),
    collection: `longrunning/${name}`,
    asOf: at(0),
    countedSince: at(HOUR),
  };
}

function deliveriesOf(endpoint: string, at: At): readonly WebhookDelivery[] {
  const failedTry = (ago: number, error: string) => ({ beginTime: at(ago), duration: "0.3s", error });
  const subject = nameOf("acme/locations/eu", "7de19a31c032");
  const delivery = (number: number): WebhookDelivery => ({
    name: `${endpoint}/deliveries/019b7d3c-1a2b-7c3d-8e4f-5a6b7c8d9e0${number}`,
    eventId: `evt_019b7d3c-1a2b-7c3d-8e4f-5a6b7c8d9e0${number}`,
    eventType: "operation.failed",
    subject,
  });
  return [
    {
      ...delivery(1),
      eventType: "endpoint.ping",
      subject: endpoint,
      state: "RUNNING",
      createTime: at(1_000),
    },
    {
      ...delivery(2),
      state: "PENDING",
      failedTries: [
        failedTry(6 * MINUTE, "The receiver answered 503."),
        failedTry(5 * MINUTE, "The receiver cannot be reached: the connection was refused."),
      ],
      nextTryTime: at(-25 * MINUTE),
      createTime: at(6 * MINUTE),
    },
    {
      ...delivery(3),
      eventType: "operation.succeeded",
      state: "SUCCEEDED",
      status: 204,
      createTime: at(50 * MINUTE),
      endTime: at(50 * MINUTE - 400),
    },
    {
      ...delivery(4),
      state: "FAILED",
      failedTries: [failedTry(3 * HOUR, "The receiver answered 410 Gone.")],
      createTime: at(3 * HOUR),
      endTime: at(3 * HOUR - 500),
    },
  ];
}
