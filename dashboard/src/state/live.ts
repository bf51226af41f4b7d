import { computed, signal } from "@preact/signals";
import { serverNow } from "./clock.ts";
import { announce } from "./notices.ts";

/** Whether the operator stopped the page. */
export const paused = signal(false);

/** Since when the server was not reached; undefined while it is. */
export const lostSince = signal<number | undefined>(undefined);

/** Menus and dialogs that are open: rows do not change under them. */
export const openMenus = signal(0);

/** Whether rows have to stay as they are. */
export const rowsHeld = computed(() => paused.value || openMenus.value > 0);

let reachedAt = serverNow();

/** An answer came, whatever it was. */
export function reached(): void {
  reachedAt = serverNow();
  if (lostSince.peek() === undefined) return;
  lostSince.value = undefined;
  announce("The server answers again.");
}

/** No answer came. */
export function notReached(): void {
  if (lostSince.peek() !== undefined) return;
  lostSince.value = reachedAt;
  announce("The server is not reached. What was read stays.");
}

const listeners = new Set<() => void>();

/** Has something read again whenever the operator asks, or comes back. */
export function onReadNow(read: () => void): () => void {
  listeners.add(read);
  return () => listeners.delete(read);
}

/** Reads everything that is on the page now. */
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
