import { limitRow, sectionOf } from "../../report/page.ts";
import { figure } from "../../report/text.ts";
import type { PeerResult, Spread } from "../rounds.ts";
import { FULL } from "../size.ts";
import { checksOf, isOurs } from "./checks.ts";
import { missedOf } from "./missed.ts";
import type { PeersResult } from "./result.ts";

const HEAD = `# Performance beside others

Made by \`npm run bench:peers\` from \`bench/results/peers.json\`; not written by hand. What the service does against bare
\`node:http\` is on [its own page](performance.md).

Everybody gets the same work: *one HTTP request starts an operation, a worker in another process runs a handler that does nothing,
the caller learns that it is done and reads the result.* Starts come one in a request. An operation counts when its caller has
read the result. One peer runs after another, on this machine, in rounds; the table has the medians of the rounds, and in brackets
the least and the most. Peers without HTTP of their own stand behind the same small \`node:http\` server, in one process, with their worker
in a second one. Each is set up as its own documentation recommends for speed, and the caller is told in the quickest way that the peer
has, or that can be built on it without changing it. All PostgreSQL peers have one and the same server, and a new database in each round.

![Operations per second with 64 callers, and time with one](performance-peers.svg)
`;

const TAIL = `## What the figures do not show

- Machines of their own: callers, server, worker and database share the processors of one. A peer that
  leaves work to its database would do better with a database on a machine of its own, and all would with more processors.
- A network: everything goes over the loopback device, where a round trip costs next to nothing. Peers that make many
  of them to the database lose more on a real one.
- Another disk: with one that is slower at fsync, those that write once for many operations gain on those that write for each.
- Work: the handler does nothing. Where handlers take a second, all of them are quick enough.
- What a peer can do beside: steps, flows, schedules, dashboards. This is one kind of use, and it is the one that we are built for.
- Tuning by those who know a peer best. The settings are in the table; whoever finds better ones is asked to send them.
- Batches of starts. Several peers take many at once, far faster than one by one; callers of an HTTP API start one by one.
- Redis: what it answers before its file is on the disk (\`everysec\`) is lost at a power failure, up to a second of it.
`;

/** docs/performance-peers.md. */
export function pageOf(result: PeersResult): string {
  const machine = Object.entries({ ...result.machine, ...result.stores });
  const checks = checksOf(result.peers);
  const further = result.measures.flatMap(({ name, finding }) =>
    (finding?.checks ?? []).map((check) => ({ name, check })),
  );
  return [
    HEAD,
    `Measured at ${result.time}, commit ${result.commit}; ${settingsOf(result)}.\n`,
    ...(result.size.rounds < FULL.rounds
      ? ["**A short run: it shows that everything works, and is no comparison.**\n"]
      : []),
    `| machine | |\n| --- | --- |\n${machine.map(([name, value]) => `| ${name} | ${value} |`).join("\n")}\n`,
    "## 64 callers, and one\n",
    `${table(FIGURES, result.peers)}\n`,
    "## What an operation costs\n",
    "CPU is that of server, worker and database or Redis together, with 64 callers; WAL is the database's, or what Redis adds to its file.",
    "Disk is what a kept operation leaves, after VACUUM and a checkpoint, or a rewrite of Redis' file.\n",
    `${table(COSTS, result.peers)}\n`,
    "## What they promise\n",
    "Whether a result is kept, and what stops a worker that was given up from writing one, from their sources or documentation, not all of them read anew for these versions.\n",
    `${table(PROMISES, result.peers)}\n`,
    "## Settings\n",
    `${table(SETTINGS, result.peers)}\n`,
    ...absent(result.peers),
    "## Limits\n",
    "| measure | figure | value | limit | |\n| --- | --- | --: | --: | --- |",
    `${[...checks.map((check) => limitRow("peers", check)), ...further.map(({ name, check }) => limitRow(name, check))].join("\n")}\n`,
    ...missedOf([...checks, ...further.map(({ check }) => check)]),
    ...(result.measures.length > 0 ? ["## Further measures\n", ...result.measures.map(sectionOf)] : []),
    TAIL,
  ].join("\n");
}

interface Column {
  readonly head: string;
  readonly cell: (result: PeerResult) => string;
}

const column = (head: string, pick: (figures: NonNullable<PeerResult["figures"]>) => Spread | undefined) => ({
  head,
  cell: ({ figures }: PeerResult) => spreadOf(figures === undefined ? undefined : pick(figures)),
});
const WHO: Column = { head: "", cell: ({ name, title }) => (isOurs(name) ? `**${title}**` : title) };
const FIGURES: readonly Column[] = [
  WHO,
  column("64 callers: operations/s", ({ perSecond }) => perSecond),
  column("p50 ms", ({ p50Ms }) => p50Ms),
  column("p99 ms", ({ p99Ms }) => p99Ms),
  column("one caller: p50 ms", ({ aloneP50Ms }) => aloneP50Ms),
  column("p99 ms", ({ aloneP99Ms }) => aloneP99Ms),
];
const COSTS: readonly Column[] = [
  WHO,
  column("CPU µs", ({ cpuMicroseconds }) => cpuMicroseconds),
  column("WAL bytes", ({ logBytes }) => logBytes),
  column("commits", ({ commits }) => commits),
  column("disk bytes", ({ diskBytes }) => diskBytes),
];
const PROMISES: readonly Column[] = [
  WHO,
  { head: "keeps the result", cell: ({ keeps }) => keeps },
  { head: "fences", cell: ({ fences }) => fences },
  { head: "tells the caller by", cell: ({ tells }) => tells },
];
const SETTINGS: readonly Column[] = [
  WHO,
  {
    head: "versions",
    cell: ({ versions }) =>
      Object.entries(versions)
        .map((each) => each.join(" "))
        .join(", "),
  },
  { head: "settings", cell: ({ settings }) => settings },
];

function table(columns: readonly Column[], results: readonly PeerResult[]): string {
  const measured = results.filter(({ figures }) => figures !== undefined);
  const rows = measured.map((each) => `| ${columns.map(({ cell }) => cell(each)).join(" | ")} |`);
  const head = `| ${columns.map((each) => each.head).join(" | ")} |`;
  return [head, `|${" --- |".repeat(columns.length)}`, ...rows].join("\n");
}

function spreadOf(spread: Spread | undefined): string {
  if (spread === undefined) return "–";
  const { median, least, most } = spread;
  return least === most ? figure(median) : `${figure(median)} (${figure(least)}–${figure(most)})`;
}

function absent(results: readonly PeerResult[]): readonly string[] {
  const reasons = results.flatMap(({ title, unavailable, failure }) => {
    const reason = unavailable ?? failure?.split("\n")[0];
    return reason === undefined
      ? []
      : [`- ${title}: ${unavailable === undefined ? "failed: " : ""}${reason}`];
  });
  return reasons.length === 0 ? [] : ["Not measured:\n", `${reasons.join("\n")}\n`];
}

function settingsOf({ size }: PeersResult): string {
  const rounds = size.rounds === 1 ? "one round" : `${size.rounds} rounds`;
  return `${rounds} of ${size.manySeconds} s with 64 callers and ${size.aloneSeconds} s with one, after ${size.warmUpSeconds} s of load that is not counted`;
}
