import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { FailureCount, ProcessReport } from "../../core/ports/statistics-store.ts";
import { openStore } from "../open.ts";
import { aProcess, someCounts } from "../suite/statistics.suite.ts";
import { aMigratedAddress } from "./a-database.suite.ts";

const now = systemClock.now();
const hour = now - (now % 3_600_000);
const failure = { hour, method: "echo", code: "INTERNAL", reason: "", text: "", count: 1 };
const times = { firstTime: now, lastTime: now, sample: "operations/1" };

const report = (host: string, failures: readonly FailureCount[]): ProcessReport => ({
  time: now,
  process: aProcess({ seenTime: now, host }),
  methods: new Map(),
  failures,
});

test("a row that PostgreSQL always refuses is dropped, and the others are written", async () => {
  const store = await openStore(await aMigratedAddress());
  const { statistics } = store;
  try {
    const refused = await statistics.add({
      time: now,
      process: aProcess({ seenTime: now }),
      methods: new Map([["echo", someCounts(1)]]),
      failures: [
        { ...failure, ...times, key: "bad", reason: "\0" },
        { ...failure, ...times, key: "good" },
      ],
    });
    assert.equal(refused?.count, 1);
    const known = await statistics.failures({ since: 0, limit: 9 });
    assert.deepEqual(
      known.map(({ key, count }) => [key, count]),
      [["good", 1]],
    );
    assert.equal((await statistics.processes(0, 9)).length, 1);
    const series = { period: 60, since: 0, until: Number.MAX_SAFE_INTEGER } as const;
    assert.equal((await statistics.series(series))[0]?.counts.started, 1);
    const next = { time: now, process: aProcess({ seenTime: now }), methods: new Map(), failures: [] };
    assert.equal(await statistics.add(next), undefined);
  } finally {
    await store.close();
  }
});

test("failures of a partly written report count once", async () => {
  const store = await openStore(await aMigratedAddress());
  const { statistics } = store;
  try {
    await assert.rejects(
      statistics.add(report("\0", [{ ...failure, ...times, key: "k" }])),
      /rejected a statement/,
    );
    assert.deepEqual(await statistics.failures({ since: 0, limit: 9 }), []);
    await statistics.add(report("host", []));
    const [known] = await statistics.failures({ since: 0, limit: 9 });
    assert.deepEqual([known?.key, known?.count], ["k", 1]);
  } finally {
    await store.close();
  }
});
