import { signal } from "@preact/signals";
import { instantOf } from "../../format/time.ts";
import { keptSignal } from "../../state/kept.ts";
import type { OperationRow } from "../../wire.ts";

/** The data that a view needs to judge a row. */
export interface Judging {
  readonly now: number;
  /** The 95th percentile of a method's run time, in milliseconds. */
  readonly slowMs: (method: string) => number | undefined;
}

/** A predefined list. */
export interface View {
  readonly id: string;
  readonly title: string;
  readonly filter: string;
  /** A condition that a filter cannot express; it is checked here. */
  readonly accepts?: (row: OperationRow, judging: Judging) => boolean;
}

const isAvailable = (row: OperationRow, now: number): boolean => (instantOf(row.availableTime) ?? 0) <= now;

export const VIEWS: readonly View[] = [
  { id: "all", title: "All", filter: "" },
  { id: "notdone", title: "Not done", filter: "done = false" },
  { id: "running", title: "Running", filter: "metadata.state = RUNNING" },
  {
    id: "waiting",
    title: "Waiting",
    filter: "metadata.state = PENDING",
    accepts: (row, { now }) => row.blocked !== true && isAvailable(row, now),
  },
  {
    id: "blocked",
    title: "Blocked",
    filter: "metadata.state = PENDING",
    accepts: (row) => row.blocked === true,
  },
  { id: "failed", title: "Failed", filter: "metadata.state = FAILED" },
  {
    id: "slow",
    title: "Slow",
    filter: "metadata.state = RUNNING",
    accepts: (row, { now, slowMs }) => {
      const began = instantOf(row.attemptTime) ?? instantOf(row.startTime);
      const usual = slowMs(row.method ?? "");
      return began !== undefined && usual !== undefined && now - began > usual;
    },
  },
];

/** The view of an address; all operations if the address names no known view. */
export function viewOf(id: string): View {
  return VIEWS.find((view) => view.id === id) ?? (VIEWS[0] as View);
}

/** A view that an operator saved: a title and the query of its address. */
export interface SavedView {
  readonly title: string;
  readonly query: string;
}

const SAVED_MAX = 20;

function areSaved(value: unknown): value is readonly SavedView[] {
  return (
    Array.isArray(value) &&
    value.every(
      (each: unknown) =>
        typeof each === "object" &&
        each !== null &&
        typeof (each as SavedView).title === "string" &&
        typeof (each as SavedView).query === "string",
    )
  );
}

export const savedViews = keptSignal<readonly SavedView[]>("views", [], areSaved);

/** Why no more views can be saved; empty if they can. */
export const savedViewsProblem = signal("");

export function saveView(view: SavedView): boolean {
  const others = savedViews.value.filter((each) => each.title !== view.title);
  if (others.length >= SAVED_MAX) {
    savedViewsProblem.value = `There are ${SAVED_MAX} saved views: remove one first.`;
    return false;
  }
  savedViewsProblem.value = "";
  savedViews.value = [...others, view];
  return true;
}

export function removeView(title: string): void {
  savedViews.value = savedViews.value.filter((view) => view.title !== title);
}
