import { computed, signal } from "@preact/signals";
import { serverNow } from "./clock.ts";
import { announce } from "./notices.ts";

/** Whether the operator paused the page. */
export const paused = signal(false);

/** The time since which the server has been unreachable; undefined while it is reachable. */
export const lostSince = signal<number | undefined>(undefined);

/** The number of open menus and dialogs. Rows do not change under them. */
export const openMenus = signal(0);

/** Whether rows must stay as they are now. */
export const rowsHeld = computed(() => paused.value || openMenus.value > 0);

let reachedAt = serverNow();

/** Any answer arrived. */
export function reached(): void {
  reachedAt = serverNow();
  if (lostSince.peek() === undefined) return;
  lostSince.value = undefined;
  announce("The server answers again.");
}

/** No answer arrived. */
export function notReached(): void {
  if (lostSince.peek() !== undefined) return;
  lostSince.value = reachedAt;
  announce("The server cannot be reached. The page shows the last data.");
}

const listeners = new Set<() => void>();

/** Calls `read` whenever the operator asks for fresh data or comes back to the tab. */
export function onReadNow(read: () => void): () => void {
  listeners.add(read);
  return () => listeners.delete(read);
}

/** Reads everything on the page now. */
export function readNow(): void {
  for (const read of listeners) read();
}

export function togglePause(): void {
  paused.value = !paused.value;
  announce(paused.value ? "Paused." : "Live.");
  if (!paused.value) readNow();
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !paused.peek()) readNow();
});
