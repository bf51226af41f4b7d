import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { unboundMethod } from "../core/method/unbound-method.ts";
import { openOperations } from "./open.ts";
import { readOpenOptions } from "./options.ts";

const method = defineMethod({ name: "m", request: z.object({}), run() {} });
const good = { methods: [method], store: "sqlite::memory:" };

test("readOpenOptions() names the option, its allowed values and the given value", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /^openOperations: expected an object such as/],
    [
      {},
      /^methods: expected a list of methods such as \[createArchive\], got undefined\nstore: expected an address [^\n]*$/,
    ],
    [
      { ...good, methods: 1, leese: "1m", log: 3, jsonp: "no", postgres: { plain: true } },
      /^openOperations: [^\n]*"leese"[^\n]*\npostgres: [^\n]*"plain"[^\n]*\nmethods: [^\n]*\nlog: [^\n]*\njsonp: [^\n]*$/,
    ],
    [{ methods: [method] }, /^store: expected an address such as "sqlite:/],
    [{ ...good, methods: method }, /^methods: expected a list/],
    [
      { ...good, methods: [{}] },
      /^methods\[0\]: expected what defineMethod\(\) gives, got an object with nothing in it$/,
    ],
    [{ ...good, methods: [undefined] }, /^methods\[0\]: /],
    [
      { ...good, methods: [unboundMethod("a.B.C", () => method)] },
      /the handler of a\.B\.C, which has no descriptor/,
    ],
    [{ ...good, store: 5 }, /^store: .*, got 5$/],
    [{ ...good, concurrency: -5 }, /^concurrency: expected a whole number from 0 to 10000, got -5$/],
    [{ ...good, lease: "0s" }, /^lease: expected a duration from "1s" to "1h", got "0s"$/],
    [{ ...good, lease: 30 }, /^lease: expected a duration .*, got 30$/],
    [{ ...good, drain: "2h" }, /^drain: expected a duration from "0s" to "1h", got "2h"$/],
    [{ ...good, worker: "no" }, /^worker: expected true or false, got "no"$/],
    [{ ...good, callers: 0 }, /^callers: /],
    [{ ...good, jsonp: 1 }, /^jsonp: /],
    [{ ...good, cors: "*" }, /^cors: expected a list of origins such as/],
    [{ ...good, cors: "*", name: "A" }, /^name: expected .*\ncors: expected .*$/],
    [{ ...good, port: 8080 }, /^openOperations: there is no option "port"; there are /],
    [
      { ...good, log: console.log },
      /^log: expected an object with debug, info, warn, error, got a function$/,
    ],
    [{ ...good, log: {} }, /^log\.debug: expected a function/],
    [{ ...good, clock: Date }, /^clock: /],
    [{ ...good, name: "" }, /^name: /],
    [{ ...good, postgres: { connection: 4 } }, /^postgres: .*"connection" \(did you mean "connections"\?\)/],
    [
      { ...good, postgres: { connections: 1 } },
      /^postgres\.connections: expected a whole number from 2 to 100, got 1$/,
    ],
    [{ ...good, leese: "1m" }, /no option "leese" \(did you mean "lease"\?\)/],
    [{ ...good, logger: console }, /no option "logger" \(did you mean "log"\?\)/],
  ];
  for (const [options, message] of wrong)
    assert.throws(
      () => readOpenOptions(options as never),
      (error) => error instanceof TypeError && message.test(error.message),
      message.source,
    );
  readOpenOptions({ ...good, log: console, postgres: { connections: 8, listen: false }, lease: "1s" });
});

test("openOperations() checks options before it opens anything", async () => {
  await assert.rejects(openOperations({} as never), TypeError);
  // @ts-expect-error no such option
  await assert.rejects(openOperations({ ...good, retries: 3 }), /there is no option "retries"/);
});
