import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { remote } from "../core/method/remote.ts";
import { openWorker } from "./open-worker.ts";
import { type OpenWorkerOptions, readWorkerOptions } from "./open-worker-options.ts";

const method = defineMethod({ name: "a", request: z.object({}), run: () => {} });
const elsewhere = defineMethod({ name: "a", request: z.object({}), run: remote() });
const good: OpenWorkerOptions = { server: "http://127.0.0.1:1", methods: [method] };

test("missing options have their defaults", () => {
  const { concurrency, leaseMs, drainMs, name, parent } = readWorkerOptions(good);
  assert.deepEqual(
    [concurrency, leaseMs, drainMs, name, parent],
    [64, 30_000, 10_000, "longrunning", undefined],
  );
});

const REFUSED: readonly (readonly [options: object, message: RegExp])[] = [
  [
    { server: undefined },
    /^server: expected an address such as "https:\/\/lro\.example\.com", got undefined$/,
  ],
  [{ server: "" }, /^server: expected an address/],
  [{ methods: undefined }, /^methods: expected a list of 1 to 100 methods/],
  [
    { methods: [] },
    /^methods: expected a list of 1 to 100 methods such as \[createArchive\], got a list of 0$/,
  ],
  [{ methods: Array.from({ length: 101 }, () => method) }, /got a list of 101$/],
  [
    { methods: [{}] },
    /^methods\[0\]: expected what defineMethod\(\) gives of a method that runs, got an object/,
  ],
  [{ methods: [elsewhere] }, /^methods\[0\]: "a" is declared with remote\(\), as its server does/],
  [
    { methods: [method, defineMethod({ name: "a", request: z.object({}), run: () => {} })] },
    /declared twice/,
  ],
  [{ url: "a" }, /there is no option "url" \(did you mean "server"\?\)/],
  [{ token: "a" }, /there is no option "token" \(did you mean "credentials"\?\)/],
  [{ credentials: "a" }, /^credentials: expected an object such as \{ token: "…" \}, got "a"$/],
  [{ credentials: { key: "a" } }, /^credentials: there is no option "key"/],
  [
    { credentials: { token: "two words" } },
    /^credentials\.token: expected characters of ASCII without spaces, got something else$/,
  ],
  [{ credentials: { apiKey: "" } }, /^credentials\.apiKey: expected characters/],
  [{ headers: [] }, /^headers: expected an object such as/],
  [{ headers: { a: 1 } }, /^headers\.a: expected a text, got 1$/],
  [
    { concurrency: 0 },
    /^concurrency: expected a whole number from 1 to 1000 for a worker of a server, got 0$/,
  ],
  [{ concurrency: 1_001 }, /^concurrency: expected a whole number from 1 to 1000/],
  [{ concurrency: -1 }, /^concurrency: expected a whole number from 0 to 10000, got -1$/],
  [{ lease: "4s" }, /^lease: expected a duration from "5s" to "600s" for a worker of a server, got "4s"$/],
  [{ lease: "11m" }, /^lease: expected a duration from "5s" to "600s"/],
  [{ lease: "soon" }, /^lease: expected a duration such as "30s", got "soon"$/],
  [{ drain: 3 }, /^drain: expected a duration/],
  [{ parent: 3 }, /^parent: expected a collection such as projects\/p, got 3$/],
  [{ name: "Not a name" }, /^name: expected lower-case letters/],
  [{ log: {} }, /^log\.debug: expected a function/],
  [{ clock: 7 }, /^clock: expected an object with now/],
  [
    { server: "ftp://a" },
    /^Server: expected an address such as "http:\/\/127\.0\.0\.1:8080", got "ftp:\/\/a"$/,
  ],
  [
    { server: "grpc://a/b" },
    /^Server: expected an address such as "grpc:\/\/127\.0\.0\.1:8080", without a path/,
  ],
];

for (const [options, message] of REFUSED)
  test(`openWorker refuses options: ${message.source}`, async () => {
    await assert.rejects(openWorker({ ...good, ...options }), (error) => {
      assert.ok(error instanceof TypeError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });

test("all mistakes are reported at once", async () => {
  await assert.rejects(openWorker({ methods: [], lease: "x" } as never), /server: .*\nmethods: .*\nlease: /s);
  await assert.rejects(openWorker(null as never), /^TypeError: openWorker: expected an object such as/);
});
