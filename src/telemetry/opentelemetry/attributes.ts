import type { Attributes } from "@opentelemetry/api";
import type { CallAnswer, TracedCall } from "../../core/ports/tracing.ts";
import { isGrpcServerError, knownHttpMethod } from "../call-labels.ts";

/** The attributes of all spans of starts and attempts. */
export const MESSAGING: Attributes = { "messaging.system": "longrunning" };

/**
 * The name of a call's span: at first from what is known at its beginning, and later with its
 * route.
 */
export function spanName(call: TracedCall, answer?: CallAnswer): string {
  if (call.kind === "grpc") return call.rpc;
  const method = knownHttpMethod(call.method);
  const known = method === "_OTHER" ? "HTTP" : method;
  return answer?.kind === "http" && answer.route !== undefined ? `${known} ${answer.route}` : known;
}

/** The attributes known at the beginning of a call. */
export function callAttributes(call: TracedCall): Attributes {
  if (call.kind === "grpc") return { "rpc.system.name": "grpc", "rpc.method": call.rpc };
  const method = knownHttpMethod(call.method);
  const { host } = call.headers;
  const [address, port] = typeof host === "string" ? hostOf(host) : [];
  return {
    "http.request.method": method,
    ...(method === "_OTHER" ? { "http.request.method_original": call.method } : {}),
    "url.path": call.path,
    "url.scheme": call.scheme,
    ...(address === undefined ? {} : { "server.address": address }),
    ...(port === undefined ? {} : { "server.port": port }),
  };
}

/** The attributes known after the answer. */
export function answerAttributes(answer: CallAnswer): Attributes {
  const type = answer.kind === "http" ? String(answer.status) : answer.code;
  const error = isServerError(answer) ? { "error.type": type } : {};
  if (answer.kind === "grpc") return { "rpc.status_code": answer.code, ...error };
  const route = answer.route === undefined ? {} : { "http.route": answer.route };
  return { "http.response.status_code": answer.status, ...route, ...error };
}

/** Whether the answer is an error of the server. */
export function isServerError(answer: CallAnswer): boolean {
  return answer.kind === "http" ? String(answer.status).startsWith("5") : isGrpcServerError(answer.code);
}

function hostOf(host: string): readonly [address: string, port: number | undefined] {
  const [, address = host, port] = /^(.+?)(?::(\d{1,5}))?$/.exec(host) ?? [];
  return [address, port === undefined ? undefined : Number(port)];
}
