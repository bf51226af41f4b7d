import assert from "node:assert/strict";
import { z } from "zod";
import { ANONYMOUS } from "../../core/caller.ts";
import { defineMethod, type Method } from "../../core/method/method.ts";
import { remote } from "../../core/method/remote.ts";
import { formatName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { type Payload, STRUCT } from "../../core/operation/payload.ts";
import { settled } from "../../testing/manual-clock.ts";
import { openTestEngine, type TestEngine, type TestEngineOptions } from "../../testing/test-engine.ts";
import type { Claim, ClaimedAttempt, ClaimRequest, ClaimResult } from "./worker-calls.ts";
import type { AskedClaim } from "./claim-checks.ts";
import type { ClaimSetting } from "./claims.ts";

/** A method that only workers without the store run. */
export const pack = defineMethod({
  name: "pack",
  request: z.object({ file: z.string() }),
  response: z.object({ size: z.number() }),
  metadata: z.object({ percent: z.number() }),
  retry: { attempts: 3, initialDelay: "10s", maxDelay: "10s" },
  run: remote(),
});

/** The same without a response. */
export const clean = defineMethod({ name: "clean", request: z.object({}), run: remote() });

/** An engine with helpers for tests of workers without the store. */
export interface WorkersBench extends TestEngine {
  start(method?: Method, more?: { readonly parent?: string; readonly delayMs?: number }): Promise<Operation>;
  claim(more?: Partial<ClaimRequest>, setting?: ClaimSetting): Promise<ClaimResult>;
  /** Claims one available operation. */
  claimOne(more?: Partial<ClaimRequest>): Promise<Claim>;
  /** A waiting claim. */
  park(more?: Partial<ClaimRequest>, setting?: ClaimSetting): Promise<ParkedForTest>;
  read(operation: Pick<Operation, "id">): Promise<Operation>;
}

/** A waiting claim of a test. */
export interface ParkedForTest {
  readonly result: Promise<ClaimResult>;
  /** The names of its operations; undefined while it waits. */
  names(): readonly string[] | undefined;
}

/** Opens a bench for a test, like `openTestEngine`. */
export async function openWorkersBench(options: TestEngineOptions = {}): Promise<WorkersBench> {
  const opened = await openTestEngine([pack, clean], options);
  const { engine, store } = opened;
  const claim: WorkersBench["claim"] = (more = {}, setting = {}) =>
    engine.workers.claim(ANONYMOUS, { ...ASKED, ...more }, setting);
  return {
    ...opened,
    start: (method = pack, more = {}) =>
      engine.operations.start(ANONYMOUS, {
        method: method.name,
        request: method === pack ? { file: "a" } : {},
        ...more,
      }),
    claim,
    claimOne: async (more = {}) => {
      const [first] = (await claim(more)).claims;
      assert.ok(first !== undefined, "there is something to claim");
      return first;
    },
    park: async (more = {}, setting = {}) => {
      let claimed: ClaimResult | undefined;
      const result = claim({ timeoutMs: 60_000, ...more }, setting);
      result.then((each) => (claimed = each)).catch(() => {});
      await settled();
      return { result, names: () => claimed?.claims.map(({ attempt }) => attempt.name) };
    },
    read: async ({ id }) => {
      const operation = await store.read(id);
      assert.ok(operation !== undefined);
      return operation;
    },
  };
}

const ASKED: ClaimRequest = {
  parent: "",
  methods: ["pack", "clean"],
  worker: "far/1",
  requestId: "",
  workerVersion: "",
};

/** A checked claim of one operation of the method `m`; `fields` overrides its defaults. */
export function anAskedClaim(fields: Partial<AskedClaim> = {}): AskedClaim {
  return { ...ASKED, methods: ["m"], limit: 1, leaseMs: 1, waitMs: 1, ...fields };
}

/** A payload of a method declared in code. */
export function struct(value: object): Payload {
  return { type: STRUCT, json: JSON.stringify(value) };
}

/** The reason in an entry's error. */
export function reasonOf(answer: {
  readonly error: { readonly details: readonly Readonly<Record<string, unknown>>[] } | undefined;
}): unknown {
  return answer.error?.details.find((each) => each["reason"] !== undefined)?.["reason"];
}

export const nameOf = (operation: Operation): string => formatName(operation);

/** An attempt with the token of another. */
export function forged(attempt: ClaimedAttempt, other: ClaimedAttempt): ClaimedAttempt {
  return { ...attempt, token: other.token };
}
