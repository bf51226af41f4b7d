import { createHash } from "node:crypto";
import { type CallerIdentity, IN_PROCESS } from "../core/caller.ts";
import { StatusError } from "../core/error/error.ts";
import { parseCollection, parseName } from "../core/operation/name.ts";
import { type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Authorizer, Call } from "../core/ports/authorizer.ts";
import { refusalOf } from "./refusal.ts";

/** The number of hexadecimal digits of a hash in a collection's name: 128 bits. */
const DIGITS = 32;

/**
 * The collection of one caller, such as `callers/9f86d081884c7d659a2feaa0c55ad015`: the same for
 * the same principal and tenant. It is a hash, because principals contain characters that names
 * cannot contain.
 */
export function ownCollection({ principal, tenant }: CallerIdentity): string {
  const text = JSON.stringify([principal, tenant]);
  return `callers/${createHash("sha256").update(text).digest("hex").slice(0, DIGITS)}`;
}

/** Permissions that a caller has in its own collection only. */
const BOUND: ReadonlySet<Permission> = new Set([
  PERMISSIONS.start,
  PERMISSIONS.get,
  PERMISSIONS.list,
  PERMISSIONS.cancel,
  PERMISSIONS.delete,
  PERMISSIONS.wait,
  PERMISSIONS.watch,
]);

/**
 * Narrows another authorizer: each caller starts, reads and cancels operations in
 * {@link ownCollection} only. Operators, who have `longrunning.admin.read`, may do so wherever the
 * other authorizer permits.
 *
 * @see docs/decisions/0076-a-caller-of-the-proxy-sees-its-own-operations.md
 */
export class OwnCollections implements Authorizer {
  readonly #inner: Authorizer;

  constructor(inner: Authorizer) {
    this.#inner = inner;
  }

  authorize(call: Call): Promise<void> | undefined {
    if (!needsOperator(call)) return this.#inner.authorize(call);
    const seen = this.#isOperator(call);
    if (seen === true) return this.#inner.authorize(call);
    if (seen === false) throw refusalOf(call);
    return seen.then((isOperator) => {
      if (!isOperator) throw refusalOf(call);
      return this.#inner.authorize(call);
    });
  }

  #isOperator(call: Call): boolean | Promise<boolean> {
    try {
      const answer = this.#inner.authorize(asOperator(call));
      return answer === undefined ? true : answer.then(() => true, isNone);
    } catch (error) {
      return isNone(error);
    }
  }

  endsByTime(call: Call): boolean {
    const calls = needsOperator(call) ? [call, asOperator(call)] : [call];
    return calls.some((each) => this.#inner.endsByTime?.(each) ?? false);
  }

  authorizeSomewhere(call: Call): void {
    this.#inner.authorizeSomewhere?.(call);
  }

  viewOf(caller: Call["caller"]): string | undefined {
    return this.#inner.viewOf(caller);
  }

  parentsOf(call: Call): readonly string[] | undefined {
    return this.#inner.parentsOf?.(call);
  }

  concealed(call: Call): StatusError | undefined {
    return this.#inner.concealed?.(call);
  }
}

/** @throws the error if it is not a StatusError */
function isNone(error: unknown): false {
  if (error instanceof StatusError) return false;
  throw error;
}

/** Whether a call is about operations outside its caller's collection. */
function needsOperator({ caller, permission, resource }: Call): boolean {
  if (caller === IN_PROCESS || !BOUND.has(permission)) return false;
  const parent = parseName(resource)?.parent ?? parseCollection(resource);
  return parent !== ownCollection(caller);
}

function asOperator({ caller }: Call): Call {
  return { caller, permission: PERMISSIONS.adminRead, resource: "" };
}
