import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOfKey, newApiKey } from "../../src/access/credentials/api-key.ts";
import { systemRandom } from "../../src/core/ports/random.ts";
import { startPostgres } from "../../test/support/postgres.ts";
import { callOverGrpc, callOverRest, type CodeConnection } from "../load/codes.ts";
import {
  call,
  type Check,
  type Measure,
  quantile,
  type Setting,
  startOperation,
  startServer,
} from "../measure.ts";

/** Calls about operations that exist, and as many about operations that do not. */
const TRIES = 10_000;
/** Calls of each kind in a short run, which says little. */
const SHORT_TRIES = 1_000;
const WARM_UP_TRIES = 1_000;
/** Operations of each kind, so that no single name counts for much. */
const NAMES = 16;
/** How often the operations' own caller reads them, which brings their answers into memory. */
const READ_EVERY = 200;
/**
 * The largest accepted difference from 0.5 of the probability that a refusal takes longer if the
 * operation exists. By chance it is 0.008 in one comparison of twenty, and 0.02 in one of a
 * million.
 */
const BIAS_MAX = 0.02;
const DIFFERENCE_MAX = 1.03;

const OWNER = "user:ada";
const VIEWER = "user:vera";
const STRANGER = "user:bob";

export const refusals: Measure = {
  name: "refusals",
  title: `Time of a refused call about an operation of another tenant that exists, against one that does not; ${TRIES.toLocaleString("en")} calls of each in random order`,
  async run(setting) {
    await using postgres = await startPostgres();
    const figures: Record<string, number> = {};
    const checks: Check[] = [];
    for (const [name, store] of [
      ["SQLite", undefined],
      ["PostgreSQL", await postgres.createDatabase()],
    ] as const) {
      for (const each of await measured(setting, store)) {
        const who = `${name}: ${each.who}`;
        figures[`${who}: p50 µs, exists`] = 1_000 * quantile(each.existing, 0.5);
        figures[`${who}: p50 µs, does not`] = 1_000 * quantile(each.missing, 0.5);
        figures[`${who}: p90 µs, exists`] = 1_000 * quantile(each.existing, 0.9);
        figures[`${who}: p90 µs, does not`] = 1_000 * quantile(each.missing, 0.9);
        checks.push(
          { what: `${who}: bias`, value: biasOf(each), limit: BIAS_MAX, rule: "at most" },
          { what: `${who}: p50, times`, value: quotientOf(each), limit: DIFFERENCE_MAX, rule: "at most" },
        );
      }
    }
    return {
      figures,
      checks,
      notes: [
        "The bias is how far the probability that the one takes longer is from a half (Mann-Whitney). The quotient is the larger p50 by the smaller.",
        "The operations' own caller reads them meanwhile, so their answers are kept in memory.",
      ],
    };
  },
};

/** Delays of refusals in milliseconds. */
interface Refused {
  readonly who: string;
  readonly existing: readonly number[];
  readonly missing: readonly number[];
}

async function measured(setting: Setting, store: string | undefined): Promise<readonly Refused[]> {
  const { file, owner, viewer, stranger } = rules(setting);
  const wrong = newApiKey("bench", systemRandom);
  await using server = await startServer(setting, {
    flags: ["--access", file],
    ...(store === undefined ? {} : { store }),
  });
  const { url } = server;
  const existing: string[] = [];
  for (let index = 0; index < NAMES; index++) existing.push(await finished(url, owner));
  const paths = { existing, missing: existing.map(missingLike) };
  const tries = setting.size.runs > 1 ? TRIES : SHORT_TRIES;
  const found: Refused[] = [];
  for (const [who, refused] of [
    ["nobody", await callOverRest(url, {})],
    ["wrong key", await callOverRest(url, { key: wrong })],
    ["other tenant", await callOverRest(url, { key: stranger })],
    ["viewer cancels", await callOverRest(url, { key: viewer, verb: ":cancel" })],
    ["other tenant, gRPC", callOverGrpc(url, { key: stranger })],
  ] as const) {
    using connection = refused;
    found.push({ who, ...(await delays(url, owner, connection, { ...paths, tries })) });
  }
  return found;
}

/** Rules of two tenants, and keys of their callers. */
function rules({ folder }: Setting): {
  readonly file: string;
  readonly owner: string;
  readonly viewer: string;
  readonly stranger: string;
} {
  const keys = [OWNER, VIEWER, STRANGER].map((principal) => ({
    principal,
    key: newApiKey("bench", systemRandom),
  }));
  const file = join(folder, "refusals.json");
  const text = {
    keys: keys.map(({ principal, key }) => ({ sha256: hashOfKey(key), principal })),
    grants: [
      { members: [OWNER], role: "caller", parent: "projects/a" },
      { members: [VIEWER], role: "viewer", parent: "projects/a" },
      { members: [STRANGER], role: "caller", parent: "projects/b" },
    ],
  };
  writeFileSync(file, JSON.stringify(text));
  const [owner = "", viewer = "", stranger = ""] = keys.map(({ key }) => key);
  return { file, owner, viewer, stranger };
}

async function finished(url: string, key: string): Promise<string> {
  const headers = { "x-goog-api-key": key };
  const path = await startOperation(url, "echo", { text: "x" }, { parent: "projects/a", headers });
  await call(url, `${path}:wait`, {}, headers);
  return path;
}

/** The path of an operation that does not exist, of the same form and time. */
function missingLike(path: string): string {
  const digits = Array.from(systemRandom.bytes(4), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return path.replace(/-([0-9a-f]{4})([0-9a-f]{8})$/, `-$1${digits}`);
}

/** @throws {Error} if a call is not refused like all others */
async function delays(
  url: string,
  key: string,
  { call: refuse }: CodeConnection,
  paths: {
    readonly existing: readonly string[];
    readonly missing: readonly string[];
    readonly tries: number;
  },
): Promise<Omit<Refused, "who">> {
  using owner = await callOverRest(url, { key });
  using ownerOverGrpc = callOverGrpc(url, { key });
  const taken = { existing: [] as number[], missing: [] as number[] };
  const expected = await refuse(paths.missing[0] ?? "");
  for (let at = -WARM_UP_TRIES; at < paths.tries; at++) {
    if (at % READ_EVERY === 0)
      for (const path of paths.existing) await Promise.all([owner.call(path), ownerOverGrpc.call(path)]);
    const isFirst = Math.random() < 0.5;
    for (const kind of isFirst ? (["existing", "missing"] as const) : (["missing", "existing"] as const)) {
      const path = paths[kind][Math.floor(Math.random() * NAMES)] ?? "";
      const began = performance.now();
      const code = await refuse(path);
      if (at >= 0) taken[kind].push(performance.now() - began);
      if (code !== expected || code === 200 || code === 0)
        throw new Error(`A call that has to be refused was answered with ${code}, others with ${expected}`);
    }
  }
  return taken;
}

/**
 * The difference from 0.5 of the probability that a delay of the one is longer than a delay of the
 * other.
 */
function biasOf({ existing, missing }: Refused): number {
  const all = [
    ...existing.map((delay) => ({ delay, exists: true })),
    ...missing.map((delay) => ({ delay, exists: false })),
  ].toSorted((a, b) => a.delay - b.delay);
  let ranks = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (all[to]?.delay === all[from]?.delay && to < all.length) to++;
    // Equal delays share their ranks.
    const rank = (from + 1 + to) / 2;
    for (; from < to; from++) if (all[from]?.exists === true) ranks += rank;
  }
  const wins = ranks - (existing.length * (existing.length + 1)) / 2;
  return Math.abs(wins / (existing.length * missing.length) - 0.5);
}

function quotientOf({ existing, missing }: Refused): number {
  const [one, other] = [quantile(existing, 0.5), quantile(missing, 0.5)];
  return Math.max(one, other) / Math.min(one, other);
}
