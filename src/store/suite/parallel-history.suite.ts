import assert from "node:assert/strict";
import fc from "fast-check";
import type { Operation } from "../../core/operation/operation.ts";
import type { InsertAnswer, Store } from "../../core/ports/store.ts";
import { transition } from "../../core/operation/transition.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { after, insertOf, onStore, readAll, type StoreSubject, write } from "./subject.suite.ts";

type When = "queue" | "reject";

/** One step of a history: a start with one of two keys, or the end of an existing operation. */
type Step =
  | {
      readonly does: "start";
      readonly key: string;
      readonly priority: number;
      readonly limit: number;
      readonly when: When;
    }
  | { readonly does: "cancel" | "remove"; readonly nth: number };

/** The port as code: plain records in a list, changed by `transition`. */
class Model {
  readonly records = new Map<string, Operation>();

  start(operation: Operation, limit: number, when: When): InsertAnswer {
    const queue = this.#queue(operation);
    const blocked = queue.length > 0 || this.#held(operation) >= limit;
    if (blocked && when === "reject") return { inserted: false, occupied: true };
    this.records.set(operation.id, { ...operation, blocked });
    if (blocked) this.#fill(operation, limit);
    return { inserted: true, blocked: this.records.get(operation.id)?.blocked === true };
  }

  #fill(operation: Operation, limit: number): void {
    while (this.#held(operation) < limit && this.#unblockNext(operation));
  }

  /** Replaces the record by `next`, or removes it. */
  end(operation: Operation, next: Operation | undefined): void {
    if (next === undefined) this.records.delete(operation.id);
    else this.records.set(operation.id, next);
    if (operation.endTime === null && !operation.blocked) this.#unblockNext(operation);
  }

  #of({ method, parallelKey }: Operation): readonly Operation[] {
    return [...this.records.values()].filter(
      (each) => each.method === method && each.parallelKey === parallelKey && each.endTime === null,
    );
  }

  #held(operation: Operation): number {
    return this.#of(operation).filter((each) => !each.blocked).length;
  }

  #queue(operation: Operation): readonly Operation[] {
    return this.#of(operation)
      .filter((each) => each.blocked)
      .toSorted(
        (a, b) => b.priority - a.priority || a.availableTime - b.availableTime || (a.id < b.id ? -1 : 1),
      );
  }

  #unblockNext(operation: Operation): boolean {
    const [head] = this.#queue(operation);
    if (head === undefined) return false;
    this.records.set(head.id, after(head, { type: "unblock" }));
    return true;
  }
}

/** Starts, cancellations and removals with two keys of a method, in the store and in the model. */
export function historyProperty(subject: StoreSubject): () => Promise<void> {
  return onStore(subject, async ({ store, clock }) => {
    const begin = fc.record({
      does: fc.constant("start" as const),
      key: fc.constantFrom("k", "l"),
      priority: fc.nat(2),
      limit: fc.integer({ min: 1, max: 3 }),
      when: fc.constantFrom<When>("queue", "queue", "reject"),
    });
    const end = fc.record({ does: fc.constantFrom("cancel" as const, "remove" as const), nth: fc.nat(30) });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(begin, begin, end), { maxLength: 30 }),
        async (steps: readonly Step[]) => {
          const method = `run${++run}`;
          const model = new Model();
          for (const step of steps) await both(store, model, { step, method, now: clock.now() });
          const records = [...model.records.values()];
          assert.deepEqual(
            await readAll(
              store,
              records.map((each) => each.id),
            ),
            records,
          );
        },
      ),
      { numRuns: 60 },
    );
  });
}

async function both(
  store: Store,
  model: Model,
  { step, method, now }: { readonly step: Step; readonly method: string; readonly now: number },
): Promise<void> {
  if (step.does === "start") {
    const { key, priority, limit, when } = step;
    const operation = anOperation({ method, parallelKey: key, priority });
    const answer = await write(store, insertOf(operation, { limit, when }));
    assert.deepEqual(answer, model.start(operation, limit, when));
    return;
  }
  const operation = [...model.records.values()][step.nth];
  if (operation === undefined) return;
  if (step.does === "remove") {
    await write(store, { verb: "remove", id: operation.id, parent: "" });
    model.end(operation, undefined);
    return;
  }
  const { next } = transition(operation, { type: "cancel", now });
  if (next === undefined) return;
  await write(store, { verb: "replace", next, expectedRevision: operation.revision });
  model.end(operation, next);
}
