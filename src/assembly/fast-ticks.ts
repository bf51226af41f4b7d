import { createHook } from "node:async_hooks";

/** An entry of the queue of `process.nextTick`, kept for as long as the process runs. */
let entry: object | undefined;

/**
 * Keeps `process.nextTick` fast. Call it as early as possible; later calls do nothing.
 *
 * Node makes an object with computed keys for each tick. V8 compiles fast code for it only while
 * these objects always have the same hidden class. The first garbage collection without a tick in
 * the queue removes this class, the next tick creates another one, and from then on each tick of
 * the process takes ten times as long. One object that is never collected keeps the class.
 *
 * @see docs/decisions/0084-a-tick-that-stays.md
 */
export function keepTicksFast(): void {
  if (entry !== undefined) return;
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === "TickObject") entry ??= resource;
    },
  });
  hook.enable();
  process.nextTick(() => undefined);
  hook.disable();
}
