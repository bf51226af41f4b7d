import { effect } from "@preact/signals";
import type { Zone } from "../format/time.ts";
import { keptSignal } from "./kept.ts";

const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const theme = keptSignal<Theme>("theme", "system", (value): value is Theme =>
  THEMES.includes(value as Theme),
);

export const zone = keptSignal<Zone>(
  "zone",
  "local",
  (value): value is Zone => value === "local" || value === "UTC",
);

/** Whether single-key shortcuts are on; `?` and `Esc` always work. */
export const keysOn = keptSignal<boolean>("keys", true, (value) => typeof value === "boolean");

export const wrapLines = keptSignal<boolean>("wrap", false, (value) => typeof value === "boolean");

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
}

export function switchZone(): void {
  zone.value = zone.value === "UTC" ? "local" : "UTC";
}

effect(() => {
  if (theme.value === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme.value;
});
