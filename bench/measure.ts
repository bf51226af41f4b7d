import { join } from "node:path";
import type { LoadGenerator } from "./load/load.ts";
import type { BuiltProgram } from "./processes/build.ts";
import { type Child, startChild } from "./processes/child.ts";

/** The size of a run. */
export interface Size {
  /** Runs of each measure; the median is reported. */
  readonly runs: number;
  /**
   * Turns of each server in a comparison. Many short turns, because a disturbance of the machine
   * lasts for seconds.
   */
  readonly rounds: number;
  /** The length of each turn. */
  readonly seconds: number;
  /**
   * The length of the load before the first turn: node keeps compiling for some 50,000 requests.
   */
  readonly warmUpSeconds: number;
  /** Operations stored in the large file. */
  readonly stored: number;
  /** The page that is compared with the first. */
  readonly page: number;
  /** Callers that wait at once. */
  readonly waiters: number;
  /** Operations whose bytes on disk are measured. */
  readonly weighed: number;
  /** Attempts whose leases expire at the same time. */
  readonly lost: number;
  /** Attempts that a killed server leaves running. */
  readonly interrupted: number;
  /** Records past their time to live. */
  readonly expired: number;
}

export const FULL: Size = {
  runs: 3,
  rounds: 15,
  seconds: 1,
  warmUpSeconds: 3,
  stored: 1_000_000,
  page: 1_000,
  waiters: 10_000,
  weighed: 20_000,
  lost: 20_000,
  interrupted: 5_000,
  expired: 200_000,
};
export const SHORT: Size = {
  runs: 1,
  rounds: 1,
  seconds: 1,
  warmUpSeconds: 1,
  stored: 100_000,
  page: 100,
  waiters: 2_000,
  weighed: 5_000,
  lost: 2_000,
  interrupted: 500,
  expired: 50_000,
};

/** The inputs of a measure. */
export interface Setting {
  readonly size: Size;
  readonly generator: LoadGenerator;
  /** The program as published. */
  readonly program: BuiltProgram;
  /** A temporary folder, removed after the run. */
  readonly folder: string;
}

/** A figure that has a limit. */
export interface Check {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly rule: "at most" | "at least";
}

/** The result of a measure. */
export interface Finding {
  /** In reading order; the unit is part of the name. */
  readonly figures: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
  /** What the reader must know to understand the figures. */
  readonly notes: readonly string[];
}

/** A measure of the benchmark. */
export interface Measure {
  /** The name for `--only`. */
  readonly name: string;
  readonly title: string;
  run(setting: Setting): Promise<Finding>;
}

/** Whether a figure is within its limit. */
export function isReached({ value, limit, rule }: Check): boolean {
  return rule === "at most" ? value <= limit : value >= limit;
}

/** The median; for an even number of values, the lower of the two middle values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @param share 0.99 for the 99th percentile */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

let stores = 0;
const LOG_FLAGS = ["--log-format", "json", "--log-level", "warn"];

/** Serves the measured methods, on a new store unless one is given. */
export function startServer(
  { program, folder }: Pick<Setting, "program" | "folder">,
  options: {
    readonly file?: string;
    readonly store?: string;
    readonly flags?: readonly string[];
    readonly methods?: string;
  } = {},
): Promise<Child> {
  const file = options.file ?? join(folder, `store-${++stores}.db`);
  const store = options.store ?? `sqlite:${file}`;
  // Operations that still run at the end of a measure are not awaited.
  const flags = ["--store", store, "--port", "0", "--drain", "10ms", ...LOG_FLAGS];
  return startChild(program.main, [
    "serve",
    options.methods ?? program.methods,
    ...flags,
    ...(options.flags ?? []),
  ]);
}

/** One call; the answer must be a 200. */
export async function call<Answer>(
  url: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const post = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { ...headers, "content-type": "application/json" },
  };
  const response = await fetch(`${url}${path}`, body === undefined ? { headers } : post);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

/** Starts an operation. @returns its path, such as `/v1/operations/…` */
export async function startOperation(
  url: string,
  method: string,
  request: unknown,
  {
    parent,
    headers,
  }: { readonly parent?: string; readonly headers?: Readonly<Record<string, string>> | undefined } = {},
): Promise<string> {
  const path = parent === undefined ? `/v1:${method}` : `/v1/${parent}:${method}`;
  const { name } = await call<{ readonly name: string }>(url, path, request, headers);
  return `/v1/${name}`;
}
