import type { Watcher } from "./watcher.ts";

/** A watcher that records its messages. */
export function aWatcher() {
  const told: string[] = [];
  const watcher: Watcher = {
    changed: ({ revision, state }) => void told.push(`${revision} ${state}`),
    removed: (name) => void told.push(`removed ${name}`),
    ended: (error) => void told.push(`ended${error === undefined ? "" : ` ${error.code}`}`),
  };
  return { told, watcher };
}
