import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import * as fc from "fast-check";
import { CITUS_URL, citusForTests, NO_CITUS } from "../support/citus.ts";
import { emptiedDatabase } from "../support/emptying.ts";
import { IS_LONG } from "../support/long.ts";
import { postgresForTests } from "../support/postgres.ts";
import { CALLER_COMMANDS } from "./model/caller-commands.ts";
import { Harness } from "./model/harness.ts";
import { Oracle } from "./model/oracle.ts";
import { ShardedOracle } from "./model/sharded-oracle.ts";
import { START_COMMANDS } from "./model/start-commands.ts";
import { Tally } from "./model/tally.ts";
import { TIME_COMMANDS } from "./model/time-commands.ts";
import { WORKER_COMMANDS } from "./model/worker-commands.ts";

/**
 * The engine against an oracle: random commands of callers, workers and time. After each command,
 * every record, every answer and every caller in Wait must be as in the oracle. Replay a failure
 * with the seed and the path that it prints.
 *
 * @see https://fast-check.dev/docs/advanced/model-based-testing/
 */

/** Set it to 100, and change the seed, for a run overnight. */
const TIMES = 1;
const SEED = 20_260_101;

const folder = mkdtempSync(join(tmpdir(), "longrunning-model-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/**
 * A store, and the size of its random tests: the number of histories and commands, a few in `npm
 * test` and all in `test:long`.
 */
interface Mode {
  readonly name: string;
  /** The address of an empty store. */
  readonly address: () => string | Promise<string>;
  readonly onDisk: boolean;
  readonly runs: number;
  readonly length: number;
  /** Why it is skipped here. @default false */
  readonly skip?: string | false;
}

const MODES: readonly Mode[] = [
  {
    name: "in memory",
    address: () => "sqlite::memory:",
    onDisk: false,
    runs: IS_LONG ? 300 : 60,
    length: 100,
  },
  {
    name: "on disk",
    address: () => `sqlite:${join(folder, `${++files}.db`)}`,
    onDisk: true,
    runs: IS_LONG ? 25 : 8,
    length: 100,
  },
  {
    name: "in PostgreSQL",
    address: emptiedDatabase(postgresForTests),
    onDisk: false,
    runs: 16,
    length: 100,
  },
  {
    name: "in Citus",
    address: emptiedDatabase(citusForTests),
    onDisk: false,
    runs: 16,
    length: 100,
    skip: CITUS_URL === undefined && NO_CITUS,
  },
];

const KINDS = [...START_COMMANDS, ...CALLER_COMMANDS, ...WORKER_COMMANDS, ...TIME_COMMANDS];

describe("the engine agrees with the oracle", () => {
  for (const { name, address: empty, onDisk, runs, length, skip = false } of MODES)
    it(`${name}, and every kind of command has both succeeded and been refused`, { skip }, async () => {
      const tally = new Tally();
      const kinds = KINDS.filter((each) => onDisk || !each.onDisk);
      const drawn = kinds.flatMap((each) => each.commands(tally));
      const commands = fc.commands(drawn, { maxCommands: length, size: "max" });
      const property = fc.asyncProperty(commands, async (history) => {
        const harness = new Harness(await empty());
        await harness.open();
        try {
          const now = harness.clock.now();
          const oracle = harness.store.keysHaveShards === true ? new ShardedOracle(now) : new Oracle(now);
          await fc.asyncModelRun(() => ({ model: oracle, real: harness }), history);
        } finally {
          await harness.close();
        }
      });
      await fc.assert(property, { seed: SEED, numRuns: runs * TIMES });
      const names = kinds.map(({ kind }) => kind);
      assert.deepEqual(tally.gaps(names), [], String(tally));
    });
});
