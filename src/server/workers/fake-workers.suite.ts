import type { Caller } from "../../core/caller.ts";
import type { ClaimSetting } from "../../engine/workers/remote-workers.ts";
import type {
  Claim,
  ClaimedAttempt,
  ClaimRequest,
  ClaimResult,
  OutcomeAnswer,
} from "../../engine/workers/worker-calls.ts";
import { anOperation } from "../../testing/an-operation.ts";
import type { WorkerUseCases } from "./worker-service.ts";

/**
 * The use cases of workers for tests of the edges: requests are recorded, and each entry is
 * answered according to its name.
 */
export class FakeWorkers implements WorkerUseCases {
  /** The requests, with their verbs. */
  readonly asked: (readonly [verb: string, request: unknown])[] = [];
  /** Answers claims. */
  onClaim: (request: ClaimRequest, setting: ClaimSetting) => Promise<ClaimResult> = async () => ({
    claims: [],
    time: NOW,
  });

  async claim(_caller: Caller, request: ClaimRequest, setting: ClaimSetting): Promise<ClaimResult> {
    this.asked.push(["claim", request]);
    return this.onClaim(request, setting);
  }

  renew: WorkerUseCases["renew"] = async (_caller, request) => {
    this.asked.push(["renew", request]);
    return request.renewals.map(({ attempt }) => {
      const error = errorFor(attempt);
      const held = error === undefined;
      return { held, leaseMs: held ? 30_000 : 0, cancelRequested: attempt.name.endsWith("cancel"), error };
    });
  };

  complete: WorkerUseCases["complete"] = (_caller, entries) => this.#end("complete", entries, entries);
  fail: WorkerUseCases["fail"] = (_caller, entries) => this.#end("fail", entries, entries);
  release: WorkerUseCases["release"] = (_caller, request) =>
    this.#end(
      "release",
      request,
      request.attempts.map((attempt) => ({ attempt })),
    );

  async #end(
    verb: string,
    request: unknown,
    entries: readonly { readonly attempt: ClaimedAttempt }[],
  ): Promise<readonly OutcomeAnswer[]> {
    this.asked.push([verb, request]);
    return entries.map(({ attempt }) => {
      const error = errorFor(attempt);
      return { error, state: error === undefined ? "SUCCEEDED" : "" };
    });
  }
}

/** The store's time in the default answer to a claim. */
export const NOW = Date.UTC(2026, 0, 1);

function errorFor({ name }: ClaimedAttempt): OutcomeAnswer["error"] {
  if (!name.endsWith("lost")) return undefined;
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "ATTEMPT_LOST",
    domain: "archive",
  };
  return { code: "ABORTED", message: "The attempt is lost.", details: [info] };
}

/** A claimed operation. @param fields the fields that matter to the test */
export function aClaim(name: string, fields: Parameters<typeof anOperation>[0] = {}): Claim {
  return {
    attempt: { name, attempt: 1, token: "t" },
    operation: anOperation(fields),
    leaseMs: 10_000,
  };
}
