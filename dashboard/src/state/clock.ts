import { signal } from "@preact/signals";
import { instantOf } from "../format/time.ts";

const TICK_MS = 1_000;

/** How far the server's clock is ahead of the browser's. */
let offset = 0;

/** The server's time. It ticks each second while the page is visible. */
export const now = signal(Date.now());

/** The server's time at this moment. */
export function serverNow(): number {
  return Date.now() + offset;
}

/** Sets the clock from the time in an answer that has just arrived. */
export function setClock(time: string | undefined): void {
  const at = instantOf(time);
  if (at === undefined) return;
  offset = at - Date.now();
  now.value = serverNow();
}

/** Keeps `now` ticking. */
export function startClock(): void {
  setInterval(() => {
    if (document.visibilityState === "visible") now.value = serverNow();
  }, TICK_MS);
}
