import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { openOperations } from "./open.ts";
import { openRpcs } from "./rpcs.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import { defineMethod as defineRpc } from "../protos/method/define.ts";
import { library } from "../protos/method/sample.suite.ts";

const { rpc, message } = library();
const types = { response: message("Book"), metadata: message("Progress") };
const createBook = defineRpc(rpc("CreateBook"), { ...types, run: () => ({ title: "A" }) });
const getBook = defineRpc(rpc("GetBook"), { answer: () => ({ title: "A" }) });

describe("openRpcs()", () => {
  it("makes RPCs from descriptors, of both kinds, and ignores the rest", async () => {
    await using test = await openTestEngine([createBook]);
    const byCode = defineMethod({ name: "byCode", request: z.object({}), run: () => {} });
    const { rpcs, routes } = await openRpcs([byCode, createBook, getBook], test.engine.operations);
    assert.deepEqual(
      rpcs.map(({ desc }) => desc.name),
      ["CreateBook", "GetBook"],
    );
    assert.ok(routes !== undefined);
    assert.deepEqual(await openRpcs([byCode], test.engine.operations), { rpcs: [], routes: undefined });
  });

  it("refuses an RPC that is declared twice, and closes the store", async () => {
    const methods = [getBook, defineRpc(rpc("GetBook"), { name: "again", answer: () => ({}) })];
    const folder = mkdtempSync(join(tmpdir(), "longrunning-rpcs-"));
    const store = `sqlite:${join(folder, "operations.db")}`;
    const opening = openOperations({ methods, store });
    await assert.rejects(opening, /test\.v1\.Library\.GetBook is declared twice/);
    await (await openOperations({ methods: [getBook], store })).stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
