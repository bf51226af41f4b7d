import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../core/ports/random.ts";
import { openStore } from "../store/open.ts";
import { KekSealer } from "./kek-sealer.ts";
import { Keks } from "./keks.ts";
import { requireKeks } from "./needed-keks.ts";
import { rewrapKeys } from "./rotation.ts";

const environment = { A: "11".repeat(32), B: "22".repeat(32) };

async function sealer(...sources: readonly string[]): Promise<KekSealer> {
  return new KekSealer(await Keks.read(sources, { environment }), systemRandom);
}

test("a text opens only with its KEK and in its place, and no two look alike", async () => {
  const [one, other, both] = await Promise.all([sealer("env:A"), sealer("env:B"), sealer("env:B", "env:A")]);
  const text = "Bearer \u{1f511}";
  const sealed = one.seal(text, "place");
  assert.equal(sealed.includes("Bearer"), false);
  assert.equal(Buffer.from(sealed.split(".")[2] ?? "", "base64").includes("Bearer"), false);
  assert.notEqual(one.seal(text, "place"), sealed);
  assert.deepEqual([one.open(sealed, "place"), both.open(sealed, "place")], [text, text]);
  assert.equal(one.open(sealed, "other place"), undefined);
  assert.equal(other.open(sealed, "place"), undefined);
  const [id = "", salt = "", wrapped = ""] = sealed.split(".");
  const otherSalt = Buffer.alloc(32).toString("base64");
  for (const altered of [`${id}.${otherSalt}.${wrapped}`, `${id}.${salt}.${wrapped.slice(4)}`, id, ""])
    assert.equal(one.open(altered, "place"), undefined, altered);
});

test("no process starts without a KEK that has sealed a text, until the text is gone", async () => {
  const store = await openStore("sqlite::memory:");
  const { resources } = store;
  const [one, both] = await Promise.all([sealer("env:A"), sealer("env:B", "env:A")]);
  const keks = await Keks.read(["env:B", "env:A"], { environment });
  const [b, a] = keks.all.map(({ id }) => id);
  const needs = async (): Promise<readonly unknown[]> => {
    const asked: unknown[] = [];
    await requireKeks(store, (id) => asked.push(id) > 0);
    return asked;
  };
  await one.need(resources);
  await one.need(resources);
  assert.deepEqual(await needs(), [a]);
  // The KEK wraps no key, but is still needed.
  await rewrapKeys(resources, keks, systemRandom);
  assert.deepEqual(await needs(), [a]);
  await both.need(resources);
  const text = one.seal("x", "place");
  await both.needOnly(resources, [text]);
  assert.deepEqual(await needs(), [a]);
  await both.needOnly(resources, []);
  assert.deepEqual(await needs(), []);
  // A note that another process has removed is written again.
  await both.need(resources);
  await one.needOnly(resources, [text]);
  assert.deepEqual(await needs(), [a]);
  assert.notEqual(a, b);
  await store.close();
});
