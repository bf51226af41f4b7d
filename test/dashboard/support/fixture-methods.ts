import type { Bucket, FailureGroup, MethodState, WorkerState } from "../../../dashboard/src/wire.ts";
import type { At } from "./fixture-data.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

function wave(index: number, base: number, by: number): number {
  return Math.round(base + by * Math.sin(index / 7) + (by / 3) * Math.sin(index * 1.7));
}

/** An hour of minutes: from the 38th on operations begin late, from the 52nd on some fail. */
export function seriesOf(at: At): readonly Bucket[] {
  return Array.from({ length: 60 }, (_, index) => {
    const isBad = index > 51;
    const late = Math.min(17, Math.max(0, index - 38));
    const run = { p50: seconds(3 + Math.sin(index)), p95: seconds(19 + Math.sin(index * 3)), p99: "40s" };
    return {
      time: at((59 - index) * MINUTE),
      ended: {
        started: 800,
        succeeded: wave(index, isBad ? 520 : 700, 60),
        failed: isBad ? wave(index, 160, 30) : 5 + (index % 4),
        cancelled: index % 5,
        begin: { p50: "0.2s", p95: seconds(0.45 * 1.45 ** late), p99: "400s" },
        run,
      },
    };
  });
}

const seconds = (value: number): string => `${value.toFixed(1)}s`;

function spark(base: number, by: number): number[] {
  return Array.from({ length: 30 }, (_, index) => Math.max(0, Math.round(base + by * Math.sin(index * 1.3))));
}

function ended(
  succeeded: number,
  failed: number,
  [p50, p95]: readonly [string, string],
): MethodState["ended"] {
  return {
    started: succeeded + failed,
    succeeded,
    failed,
    cancelled: 10,
    begin: { p50: "0.2s", p95: "0.5s", p99: "2s" },
    run: { p50, p95, p99: p95 },
  };
}

export function methodsOf(at: At): readonly MethodState[] {
  const common = { declared: true, workers: 4 };
  return [
    {
      ...common,
      method: "resizeDisk",
      description: "Grows or shrinks a disk while it is attached.",
      live: { blocked: 1_204, running: 2, oldestBlocked: at(14 * MINUTE) },
      slots: 2,
      parallelLimit: 2,
      ended: ended(540, 1, ["6.4s", "31s"]),
      spark: spark(18, 3),
    },
    {
      ...common,
      method: "exportReport",
      description: "Makes a report of a month and sends it to its recipients.",
      live: { waiting: 61, running: 24, oldestWaiting: at(48_000) },
      slots: 32,
      ended: ended(11_300, 1_402, ["3.1s", "22s"]),
      spark: spark(40, 4),
    },
    {
      ...common,
      method: "createArchive",
      description: "Packs a directory into a .tar.gz file.",
      live: { waiting: 12, running: 31, oldestWaiting: at(400) },
      slots: 64,
      ended: ended(23_280, 24, ["1.9s", "11s"]),
      spark: spark(30, 12),
    },
    { ...common, ...PAUSED, pauseTime: at(3 * MINUTE), live: { waiting: 7, oldestWaiting: at(3 * MINUTE) } },
    {
      ...common,
      method: "sendInvoice",
      description: "Sends an invoice by mail.",
      slots: 8,
      ended: ended(5_760, 35, ["0.3s", "1.2s"]),
      spark: spark(14, 9),
    },
  ];
}

const PAUSED = {
  method: "restoreArchive",
  description: "Unpacks an archive.",
  slots: 16,
  ended: ended(2_460, 0, ["12s", "58s"]),
  spark: spark(12, 8),
};

export function failuresOf(at: At): readonly FailureGroup[] {
  return [
    {
      key: "k1",
      method: "exportReport",
      code: "UNAVAILABLE",
      reason: "RELAY_TIMEOUT",
      text: "smtp relay timed out after ‹n› ms",
      count: 1_402,
      firstTime: at(7 * MINUTE),
      lastTime: at(8_000),
      spark: [...Array<number>(20).fill(0), 12, 160, 190, 240],
      sample: "projects/acme/locations/eu/operations/01a22339-6e92-7000-a8b7-7de19a31c032",
    },
    {
      key: "k2",
      method: "createArchive",
      code: "INTERNAL",
      reason: "HANDLER_FAILED",
      text: "ENOENT: no such file or directory, open ‹path›",
      count: 41,
      firstTime: at(4 * DAY),
      lastTime: at(2 * MINUTE),
      spark: spark(3, 2),
      sample: "projects/umbra/locations/us/operations/01a22339-6e92-7000-a8b7-7c409a311c77",
    },
    {
      key: "k3",
      method: "restoreArchive",
      code: "DEADLINE_EXCEEDED",
      reason: "DEADLINE_PASSED",
      text: "The deadline of 10m passed after ‹n› attempts",
      count: 23,
      firstTime: at(112 * MINUTE),
      lastTime: at(6 * MINUTE),
      spark: spark(2, 2),
      sample: "projects/lumen/locations/eu/operations/01a22339-6e92-7000-a8b7-deleted00000",
    },
  ];
}

const SETTINGS = [
  { name: "Retries", value: "3 attempts, 1 s to 60 s apart, on UNAVAILABLE and ABORTED" },
  { name: "Deadline", value: "10 minutes from the start" },
  { name: "In parallel", value: "2 of each key" },
  { name: "Kept", value: "30 days after the end" },
];

const EXAMPLE = {
  report: "monthly-revenue",
  month: "2026-10",
  recipients: ["finance@acme.example"],
  format: "PDF",
};

export function detailOf(
  state: MethodState,
  rest: { at: At; series: readonly Bucket[]; failures: readonly FailureGroup[] },
): object {
  const { at, series, failures } = rest;
  const bounds = Array.from({ length: 30 }, (_, index) => `${(0.001 * 1.5 ** index).toFixed(6)}s`);
  const bell = (middle: number): number[] =>
    bounds.map((_, index) => Math.round(9_000 * Math.exp(-((index - middle) ** 2) / 7)));
  const keys = [
    { key: "disk-7", blocked: 1_198, held: 2, oldestBlocked: at(14 * MINUTE) },
    { key: "disk-12", blocked: 6, held: 2, oldestBlocked: at(2 * MINUTE) },
  ];
  return {
    state,
    requestExample: EXAMPLE,
    settings: SETTINGS,
    series,
    bucket: "60s",
    begin: { bounds, counts: bell(14) },
    run: { bounds, counts: bell(20) },
    keys: state.method === "resizeDisk" ? keys : [],
    failures: failures.filter((failure) => failure.method === state.method),
    failuresSince: at(90 * MINUTE),
    asOf: at(0),
  };
}

export function workersOf(at: At): readonly WorkerState[] {
  const methods = ["createArchive", "exportReport", "resizeDisk", "restoreArchive", "sendInvoice"];
  const common = { version: "0.1.0", role: "all", startTime: at(180 * MINUTE), seenTime: at(3_000), methods };
  return [
    { ...common, worker: "app-1-4711-2b90", host: "app-1", pid: 4_711, slots: 32, running: 15 },
    { ...common, worker: "app-2-812-cf13", host: "app-2", pid: 812, slots: 32, running: 31 },
    {
      ...common,
      worker: "app-3-77-01aa",
      host: "app-3",
      pid: 77,
      slots: 32,
      running: 12,
      version: "0.0.9",
      draining: true,
    },
    {
      ...common,
      worker: "app-4-91-77de",
      host: "app-4",
      pid: 91,
      slots: 32,
      running: 3,
      seenTime: at(42_000),
      leasesEndTime: at(-18_000),
    },
    { ...common, worker: "front-1-9-aa01", host: "front-1", pid: 9, role: "api", methods: [] },
    {
      ...common,
      worker: "app-5-66-9c2e",
      host: "app-5",
      pid: 66,
      slots: 32,
      running: 2,
      seenTime: at(12 * MINUTE),
    },
  ];
}
