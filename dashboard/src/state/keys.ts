import { signal } from "@preact/signals";
import { go, href } from "../route.ts";
import { readNow, togglePause } from "./live.ts";
import { keysOn, nextTheme, switchZone } from "./preferences.ts";

/** A keyboard shortcut of the current page. */
export interface KeyAction {
  readonly key: string;
  readonly what: string;
  readonly run: () => void;
}

/** Whether the list of shortcuts is open. */
export const keysShown = signal(false);

const GO: Readonly<Record<string, string>> = {
  o: "operations",
  p: "",
  m: "methods",
  w: "workers",
  f: "failures",
  h: "webhooks",
};
const SECOND_KEY_MS = 1_500;

const layers: (() => readonly KeyAction[])[] = [];

/**
 * Adds the shortcuts of the current page; the newest layer is asked first.
 *
 * @returns a function that removes them
 */
export function addKeys(actions: () => readonly KeyAction[]): () => void {
  layers.push(actions);
  return () => void layers.splice(layers.indexOf(actions), 1);
}

/** Shortcuts that work on every page. */
export const EVERYWHERE: readonly KeyAction[] = [
  { key: "/", what: "Jump to an operation", run: () => focusOn("#jump") },
  { key: "f", what: "Filter", run: () => focusOn("#filter") },
  { key: "r", what: "Read now", run: readNow },
  { key: "p", what: "Pause and resume", run: togglePause },
  { key: "t", what: "Theme: system, light, dark", run: nextTheme },
  { key: "u", what: "Times: local, UTC", run: switchZone },
];

function focusOn(selector: string): void {
  const field = document.querySelector<HTMLInputElement>(selector);
  field?.focus();
  field?.select();
}

let goingUntil = 0;

function run(event: KeyboardEvent): boolean {
  if (event.key === "?") {
    keysShown.value = !keysShown.value;
    return true;
  }
  if (!keysOn.value || document.querySelector("dialog[open]") !== null) return false;
  if (event.timeStamp < goingUntil && Object.hasOwn(GO, event.key)) {
    goingUntil = 0;
    go(href(GO[event.key] ?? ""));
    return true;
  }
  goingUntil = event.key === "g" ? event.timeStamp + SECOND_KEY_MS : 0;
  if (event.key === "g") return true;
  const action = layers
    .toReversed()
    .flatMap((layer) => layer())
    .concat(EVERYWHERE)
    .find(({ key }) => key === event.key);
  action?.run();
  return action !== undefined;
}

/** Fields get their keys first, and the browser's own shortcuts stay the browser's. */
function isForUs(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented)
    return false;
  const target = event.target as Element | null;
  return target?.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") == null;
}

/** Starts listening to the keyboard. */
export function startKeys(): void {
  addEventListener("keydown", (event) => {
    if (isForUs(event) && run(event)) event.preventDefault();
  });
}
