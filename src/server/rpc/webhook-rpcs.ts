import {
  create,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { EmptySchema, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Caller } from "../../core/caller.ts";
import { fieldError } from "../../core/error/violations.ts";
import { type Permission, PERMISSIONS } from "../../core/permission.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Endpoint } from "../../webhooks/endpoints/endpoint.ts";
import { shownDelivery, shownEndpoint } from "../../webhooks/shown.ts";
import type { EndpointChange, Webhooks } from "../../webhooks/webhooks.ts";
import {
  type UpdateWebhookEndpointRequest,
  type WebhookDelivery,
  WebhookDeliverySchema,
  type WebhookEndpoint,
  WebhookEndpoints,
  WebhookEndpointSchema,
} from "../../wire/gen/longrunning/v1/webhooks_pb.ts";
import { messageOfPlain } from "../admin/plain-message.ts";
import type { Rpc } from "./rpc.ts";

type Rpcs = typeof WebhookEndpoints.method;

type Calls = {
  readonly [Name in keyof Rpcs]: (
    request: MessageShape<Rpcs[Name]["input"]>,
    caller: Caller,
    webhooks: Webhooks,
  ) => Promise<MessageInitShape<Rpcs[Name]["output"]>>;
};

/**
 * Converts messages to use cases and back. An empty text in proto3 means that the field was left
 * out.
 */
const CALLS: Calls = {
  createWebhookEndpoint: async ({ parent, webhookEndpointId, webhookEndpoint }, caller, webhooks) => {
    const spec = specOf(webhookEndpoint);
    const made = await webhooks.create(caller, { parent, id: webhookEndpointId, spec });
    return endpointMessage(made.endpoint, webhooks.time(), made.secret);
  },
  getWebhookEndpoint: async ({ name }, caller, webhooks) =>
    endpointMessage(await webhooks.get(caller, name), webhooks.time()),
  listWebhookEndpoints: async ({ parent }, caller, webhooks) => ({
    webhookEndpoints: (await webhooks.list(caller, parent)).map((each) =>
      endpointMessage(each, webhooks.time()),
    ),
  }),
  updateWebhookEndpoint: async (request, caller, webhooks) =>
    endpointMessage(await webhooks.update(caller, changeOf(request)), webhooks.time()),
  deleteWebhookEndpoint: async ({ name, etag }, caller, webhooks) => {
    await webhooks.delete(caller, name, etag);
    return create(EmptySchema);
  },
  rotateWebhookSecret: async ({ name }, caller, webhooks) => {
    const { endpoint, secret } = await webhooks.rotateSecret(caller, name);
    return endpointMessage(endpoint, webhooks.time(), secret);
  },
  pingWebhookEndpoint: async ({ name }, caller, webhooks) =>
    deliveryMessage(await webhooks.ping(caller, name)),
  recoverWebhookEndpoint: async ({ name, since }, caller, webhooks) => {
    if (since === undefined) throw required("since");
    return { count: await webhooks.recover(caller, name, timestampMs(since)) };
  },
  listWebhookDeliveries: async ({ parent, pageSize, pageToken, filter }, caller, webhooks) => {
    const page = await webhooks.deliveries(caller, { endpoint: parent, pageSize, pageToken, filter });
    return { deliveries: page.deliveries.map(deliveryMessage), nextPageToken: page.nextPageToken };
  },
  getWebhookDelivery: async ({ name }, caller, webhooks) =>
    deliveryMessage(await webhooks.delivery(caller, name)),
  redeliverWebhookDelivery: async ({ name }, caller, webhooks) =>
    deliveryMessage(await webhooks.redeliver(caller, name)),
};

const NEEDED: Readonly<Record<keyof Rpcs, Permission>> = {
  createWebhookEndpoint: PERMISSIONS.createEndpoint,
  getWebhookEndpoint: PERMISSIONS.getEndpoint,
  listWebhookEndpoints: PERMISSIONS.listEndpoints,
  updateWebhookEndpoint: PERMISSIONS.updateEndpoint,
  deleteWebhookEndpoint: PERMISSIONS.deleteEndpoint,
  rotateWebhookSecret: PERMISSIONS.rotateSecret,
  pingWebhookEndpoint: PERMISSIONS.deliver,
  recoverWebhookEndpoint: PERMISSIONS.deliver,
  listWebhookDeliveries: PERMISSIONS.readDeliveries,
  getWebhookDelivery: PERMISSIONS.readDeliveries,
  redeliverWebhookDelivery: PERMISSIONS.deliver,
};

/**
 * The calls of `longrunning.v1.WebhookEndpoints`.
 *
 * @see proto/longrunning/v1/webhooks.proto
 */
export function webhookRpcs(webhooks: Webhooks): readonly Rpc[] {
  return Object.entries(WebhookEndpoints.method).map(([name, desc]: readonly [string, DescMethodUnary]) => {
    const call = CALLS[name as keyof Calls] as (
      request: Message,
      caller: Caller,
      webhooks: Webhooks,
    ) => Promise<Message>;
    return {
      desc,
      permission: NEEDED[name as keyof Calls],
      call: async (request, { caller }) => ({
        message: create(desc.output, await call(request, caller, webhooks)),
      }),
    };
  });
}

/** The fields of an endpoint, without its state. */
function specOf(endpoint: WebhookEndpoint | undefined): Omit<EndpointChange, "name"> {
  if (endpoint === undefined) throw required("webhook_endpoint");
  const { url, eventTypes, filter, format, payload, signature, verify } = endpoint;
  return { url, eventTypes, filter, format, content: payload, signature, verify };
}

/** The changeable fields, by their proto names, with their names in the use cases. */
const CHANGEABLE = {
  url: "url",
  event_types: "eventTypes",
  filter: "filter",
  format: "format",
  payload: "content",
  signature: "signature",
  verify: "verify",
  state: "state",
} as const satisfies Readonly<Record<string, keyof EndpointChange>>;

/** @see AIP-134 */
function changeOf({ webhookEndpoint, updateMask }: UpdateWebhookEndpointRequest): EndpointChange {
  const given = { ...specOf(webhookEndpoint), state: webhookEndpoint?.state };
  const paths = updateMask?.paths ?? [];
  const unknown = paths.find((path) => path !== "*" && !Object.hasOwn(CHANGEABLE, path));
  if (unknown !== undefined)
    throw fieldError("REQUEST_INVALID", {
      field: "update_mask",
      description: `Invalid value at 'update_mask': ${JSON.stringify(unknown.slice(0, 100))} is none of ${Object.keys(CHANGEABLE).join(", ")}.`,
    });
  const isMeant = (path: string, value: unknown): boolean =>
    paths.length === 0 ? isSet(value) : paths.includes("*") || paths.includes(path);
  const changed = Object.entries(CHANGEABLE).filter(([path, name]) => isMeant(path, given[name]));
  const { name = "", etag } = webhookEndpoint ?? {};
  return { name, etag, ...Object.fromEntries(changed.map(([, member]) => [member, given[member]])) };
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== "";
}

function endpointMessage(endpoint: Endpoint, now: number, secret = ""): WebhookEndpoint {
  return messageOfPlain(WebhookEndpointSchema, shownEndpoint(endpoint, now, secret));
}

function deliveryMessage(operation: Operation): WebhookDelivery {
  return messageOfPlain(WebhookDeliverySchema, shownDelivery(operation));
}

function required(field: string): Error {
  return fieldError("REQUEST_INVALID", {
    field,
    description: `Invalid value at '${field}': it is required.`,
  });
}
