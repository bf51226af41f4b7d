import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOfKey, newApiKey } from "../../src/access/credentials/api-key.ts";
import { systemRandom } from "../../src/core/ports/random.ts";
import { compare, type Comparison, medianOf, type Sample } from "../compare.ts";
import { call, type Measure, type Setting, startOperation, startServer } from "../measure.ts";
import type { Child } from "../processes/child.ts";

const CONNECTIONS = 64;
/** Callers in the rules, each with a key and a grant. */
const CALLERS = 100;
/** Pairs of servers; they share the rounds. */
const PAIRS = 3;

export const access: Measure = {
  name: "access",
  title: `GET of a finished operation by a caller with an API key, where rules name ${CALLERS} callers, against the same without rules`,
  async run(setting) {
    const { size } = setting;
    // At least two: every second round runs in reverse order.
    const rounds = Math.max(2, Math.ceil(size.rounds / PAIRS));
    const compared: Comparison[] = [];
    for (let pair = 0; pair < Math.min(PAIRS, size.rounds); pair++)
      compared.push(await comparedPair({ ...setting, size: { ...size, rounds } }));
    const of = (index: number): Sample => medianOf(compared.map(({ samples }) => samples[index] as Sample));
    const [on, off, sent] = [of(0), of(1), of(2)];
    return {
      figures: {
        "requests/s on": on.requestsPerSecond,
        "requests/s off": off.requestsPerSecond,
        "CPU µs/request on": on.microsecondsPerRequest,
        "CPU µs/request off": off.microsecondsPerRequest,
        "CPU µs/request off, with the header that nobody reads": sent.microsecondsPerRequest,
      },
      checks: [
        {
          what: "CPU, times off",
          value: medianOf(compared.map(({ times }) => times(0, 1))).microsecondsPerRequest,
          limit: 1.1,
          rule: "at most",
        },
      ],
      notes: [
        "The answer is kept in memory; the key and the grant are looked up for each call.",
        `The median of ${PAIRS} pairs of servers: two processes of the same program already differ by some percent.`,
      ],
    };
  },
};

/** Loads a server with rules and one without, in turns. */
async function comparedPair(setting: Setting): Promise<Comparison> {
  const { file, headers } = rules(setting);
  await using on = await startServer(setting, { flags: ["--access", file] });
  await using off = await startServer(setting);
  return await compare(setting, [
    { child: on, load: { paths: [await finished(on, headers)], connections: CONNECTIONS, headers } },
    { child: off, load: { paths: [await finished(off)], connections: CONNECTIONS } },
    { child: off, load: { paths: [await finished(off)], connections: CONNECTIONS, headers } },
  ]);
}

function principal(index: number): string {
  return `serviceAccount:caller-${index}`;
}

/** A file of rules, and the headers of the last caller in it. */
function rules({ folder }: Setting): {
  readonly file: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const keys = Array.from({ length: CALLERS }, () => newApiKey("bench", systemRandom));
  const file = join(folder, "access.json");
  const text = {
    keys: keys.map((key, index) => ({ sha256: hashOfKey(key), principal: principal(index) })),
    grants: keys.map((_, index) => ({
      members: [principal(index)],
      role: "caller",
      parent: `projects/p-${index}`,
    })),
  };
  writeFileSync(file, JSON.stringify(text));
  return { file, headers: { "x-goog-api-key": keys.at(-1) ?? "" } };
}

/** The path of an operation below the last caller's parent. */
async function finished({ url }: Child, headers?: Readonly<Record<string, string>>): Promise<string> {
  const parent = `projects/p-${CALLERS - 1}`;
  const path = await startOperation(
    url,
    "echo",
    { text: "What was asked for comes back." },
    { parent, headers },
  );
  await call(url, `${path}:wait`, {}, headers);
  return path;
}
