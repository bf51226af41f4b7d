import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startTestServer } from "../../src/testing/test-server.ts";
import { CANCELLATION } from "./cases/cancellation.ts";
import { type Case, LEASE_S } from "./cases/case.ts";
import { CLAIMS } from "./cases/claims.ts";
import { DELIVERY } from "./cases/delivery.ts";
import { LEASES } from "./cases/leases.ts";
import { OUTCOMES } from "./cases/outcomes.ts";
import { PROGRESS } from "./cases/progress.ts";
import { SHUTDOWN } from "./cases/shutdown.ts";
import { type Call, Gateway } from "./gateway.ts";
import { openGrpcWire } from "./grpc-wire.ts";
import { foreign, silent, steered } from "./methods.ts";
import { openRestWire } from "./rest-wire.ts";
import { type Place, Trial } from "./trial.ts";
import { Witness } from "./witness.ts";
import { type WorkerCommand, WorkerProcess, type WorkerSetting } from "./worker-process.ts";

const GROUPS: Readonly<Record<string, readonly Case[]>> = {
  outcomes: OUTCOMES,
  progress: PROGRESS,
  cancellation: CANCELLATION,
  delivery: DELIVERY,
  leases: LEASES,
  claims: CLAIMS,
  shutdown: SHUTDOWN,
};
/** Concurrent workers of single cases. Most of them wait. */
const CONCURRENCY = 8;
/** Concurrent handlers of the worker that most cases share. */
const SLOTS = 80;
const CASE_MS = 90_000;

/**
 * The behaviour of every worker, in any language. The worker is a program with two methods,
 * `steered` and `silent`, whose handlers follow the orders that they get from their request's URL
 * (`witness.ts`; `programs/` shows how short such a program is). It runs against a real server,
 * through a gateway that loses, delays and refuses calls.
 */
export function workerSuite(name: string, command: () => WorkerCommand | Promise<WorkerCommand>): void {
  suite(name, () => {
    const cases = Object.entries(GROUPS).flatMap(([group, each]) =>
      each.map((one) => ({ ...one, name: `${group}: ${one.name}` })),
    );
    suite("with one worker", { concurrency: true }, () => {
      let shared: OpenPlace;
      const together = cases.filter(({ own }) => own === undefined);
      let passed = 0;
      before(
        async () => (shared = await openPlace(await command(), { slots: SLOTS, drainS: 20, leaseS: 30 })),
      );
      after(async () => {
        await shared.close();
        if (passed < together.length) tell(shared.place);
        checkCalls(shared.place.gateway.calls);
      });
      for (const each of together)
        test(each.name, { timeout: CASE_MS }, async () => {
          // All cases share this worker, so a case that disturbs claims or connections would
          // disturb others.
          const { worker: _, ...place } = shared.place;
          await each.run(new Trial(place));
          passed++;
        });
    });
    suite("with a worker each", { concurrency: CONCURRENCY }, () => {
      for (const each of cases)
        if (each.own !== undefined)
          test(each.name, { timeout: CASE_MS }, async (t) => {
            const made = await command();
            if (each.own?.needsRepeatedClaims === true && made.repeatsClaims !== true)
              t.skip("This worker does not repeat claims: a lost attempt is claimed after its first lease.");
            else await runAlone(made, each, t.signal);
          });
    });
  });
}

async function runAlone(command: WorkerCommand, each: Case, signal: AbortSignal): Promise<void> {
  const { own = {} } = each;
  const { slots = 1, drainS = 20 } = own;
  let trial: Trial | undefined;
  const opened = await openPlace(command, { slots, drainS, leaseS: LEASE_S }, async (place) => {
    trial = new Trial(place);
    await own.before?.(trial);
  });
  assert.ok(trial !== undefined);
  // A case that hangs must not leave a worker behind.
  const late = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(new Error("The case took too long."))),
  );
  try {
    await Promise.race([each.run(trial), late]);
  } catch (error) {
    tell(opened.place);
    throw error;
  } finally {
    await opened.close();
  }
  checkCalls(opened.place.gateway.calls);
}

interface OpenPlace {
  readonly place: Place;
  close(): Promise<void>;
}

async function openPlace(
  command: WorkerCommand,
  how: Omit<WorkerSetting, "address">,
  prepare: (place: Place) => Promise<void> = () => Promise.resolve(),
): Promise<OpenPlace> {
  const server = await startTestServer([steered, silent, foreign], { concurrency: 0 });
  const [gateway, witness] = [new Gateway(), await Witness.start()];
  const openWire = command.wire === "rest" ? openRestWire : openGrpcWire;
  const wire = await openWire(gateway, server.url);
  const place: { -readonly [Key in keyof Place]: Place[Key] } = {
    server,
    gateway,
    witness,
    cut: () => wire.cut(),
  };
  // Cases check whether they have a worker of their own when calls arrive.
  await prepare(place);
  const worker = new WorkerProcess(command, { address: wire.address, ...how });
  place.worker = worker;
  const close = async (): Promise<void> => {
    await worker[Symbol.asyncDispose]();
    await wire[Symbol.asyncDispose]();
    await witness[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { place, close };
}

/** Prints the worker's output and all of its calls, to help find the reason of a failure. */
function tell({ worker, gateway }: Place): void {
  process.stderr.write(`${worker?.text ?? ""}\n${gateway.calls.map(lineOf).join("\n")}\n`);
}

function lineOf({ verb, at, waitMs, entries }: Call): string {
  const about = entries.map(({ proof, text }) => `${proof.name} ${proof.attempt} ${text.slice(0, 200)}`);
  return [at.toFixed(0), verb, verb === "claim" ? `${waitMs} ms` : "", ...about].join(" ");
}

/** Rules for all calls of a worker, whatever the case. */
function checkCalls(calls: readonly Call[]): void {
  const told = new Map<string, string>();
  for (const { verb, entries } of calls) {
    if (verb === "claim" || verb === "renew") continue;
    for (const { proof, text } of entries) {
      const key = `${proof.name} ${proof.attempt}`;
      const earlier = told.get(key);
      const isMended = earlier?.startsWith("complete") === true && text.startsWith("fail");
      assert.ok(
        earlier === undefined || earlier === text || isMended,
        `${key} ended twice: ${earlier}, ${text}`,
      );
      told.set(key, text);
    }
  }
}
