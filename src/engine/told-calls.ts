import { StatusError } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import type { Call } from "../core/ports/authorizer.ts";
import type { CallEnd } from "../core/ports/audit.ts";
import type { CallObserver } from "./policy.ts";

/** An observer that emits `call.ended`. */
export function toldCalls(tell: Tell): CallObserver {
  return { ended: (call, end) => tell["call.ended"]?.(fieldsOf(call, end)) };
}

function fieldsOf({ caller, permission, resource, method }: Call, { error, durationMs }: CallEnd) {
  const status = error instanceof StatusError ? error : undefined;
  return {
    verb: permission.replace(/^longrunning\.(?:operations\.|methods\.)?/, ""),
    principal: caller.principal,
    resource,
    method,
    code: status?.code ?? (error === undefined ? "OK" : "INTERNAL"),
    reason: status?.reason,
    durationMs,
  };
}
