import { pathOf } from "../../api.ts";
import { instantOf } from "../../format/time.ts";
import { href, route } from "../../route.ts";
import { serverNow } from "../../state/clock.ts";
import { type View, viewOf } from "./views.ts";

/** The query of a list. All of it is in the address. */
export interface Question {
  readonly view: View;
  /** The text of the filter field. */
  readonly text: string;
  readonly collection: string;
  readonly method: string;
  readonly ended: string;
  /** The earliest end time of the operations. Later pages use the value of the first page. */
  readonly since: string;
  readonly order: string;
  readonly page: string;
  /** Only operations that this worker runs. */
  readonly worker: string;
  /** Only operations that hold this key or wait for it. */
  readonly key: string;
}

export const PAGE_SIZE = 50;
export const PAGE_SIZE_MAX = 100;

/** The values of `ended`: ranges that end now. */
export const ENDED = [
  { value: "", title: "Any time", ms: 0 },
  { value: "15m", title: "Last 15 min", ms: 900_000 },
  { value: "1h", title: "Last hour", ms: 3_600_000 },
  { value: "24h", title: "Last 24 hours", ms: 86_400_000 },
  { value: "7d", title: "Last 7 days", ms: 604_800_000 },
] as const;

export const ORDERS = [
  { value: "", title: "Newest" },
  { value: "createTime", title: "Oldest" },
  { value: "endTime desc", title: "Ended last" },
  { value: "endTime", title: "Ended first" },
] as const;

/** The operation that holds a key, followed by the operations that wait for it. */
export function keyHref(method: string, key: string): string {
  return href("operations", { view: "notdone", method, key, order: "createTime" });
}

/** Reads the question from the address. */
export function currentQuestion(): Question {
  const { query } = route.value;
  const value = (name: string): string => query.get(name) ?? "";
  const view = viewOf(value("view"));
  return {
    view,
    text: query.get("filter") ?? view.filter,
    collection: value("collection"),
    method: value("method"),
    ended: value("ended"),
    since: value("since"),
    order: value("order"),
    page: value("page"),
    worker: value("worker"),
    key: value("key"),
  };
}

/** Whether a list covers many collections. Such lists support only the order of creation. */
export function isWide(collection: string): boolean {
  return collection === "" || collection.split("/").includes("-");
}

/**
 * The earliest end time of the operations; empty for no bound. Rounded down to ten seconds, so that
 * pages can share answers.
 */
export function sinceOf(question: Question): string {
  if (question.since !== "" && instantOf(question.since) !== undefined) return question.since;
  const range = ENDED.find(({ value }) => value === question.ended)?.ms ?? 0;
  return range === 0 ? "" : new Date(Math.floor((serverNow() - range) / 10_000) * 10_000).toISOString();
}

/** The whole filter: the text, and the conditions of the selects. */
export function filterOf(question: Question, since = sinceOf(question)): string {
  const text = question.text.trim() === "{}" ? "" : question.text.trim();
  const ended = since === "" ? "" : `metadata.endTime > "${since}"`;
  return [text, ended].filter((part) => part !== "").join(" AND ");
}

/** The path of the call that reads a page. */
export function pagePath(
  question: Question,
  options: { since: string; pageSize: number; page: string },
): string {
  return pathOf("operations", {
    collection: question.collection,
    filter: filterOf(question, options.since),
    method: question.method,
    orderBy: isWide(question.collection) && question.order.startsWith("endTime") ? "" : question.order,
    pageSize: options.pageSize,
    pageToken: options.page,
  });
}
