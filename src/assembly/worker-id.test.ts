import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { workerId } from "./worker-id.ts";

test("a worker's id contains host, process and random characters, and needs no quotes", () => {
  const random = seededRandom(1);
  const hosts = {
    "archive-7d9f": "archive-7d9f",
    "ip-10-0-0-1.eu-west-1.compute.internal": "ip-10-0-0-1",
    "10.0.0.1": "10.0.0.1",
    "Ann's Mac": "Ann-s-Mac",
    "büro pc\n": "b-ro-pc",
    "": "host",
    "--": "host",
  };
  for (const [host, told] of Object.entries(hosts))
    assert.match(
      workerId(random, { host, pid: 4711 }),
      new RegExp(`^${told.replaceAll(".", "\\.")}-4711-[0-9a-f]{8}$`),
    );
});

test("two workers of one process have different ids, and a long host name is cut", () => {
  const random = seededRandom(1);
  assert.notEqual(workerId(random), workerId(random));
  const long = workerId(random, { host: "h".repeat(300), pid: 4_194_304 });
  assert.equal(long.length, LIMITS.workerLengthMax);
  assert.match(long, /^h{63}-4194304-[0-9a-f]{8}$/);
});
