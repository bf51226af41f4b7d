import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { openOperations } from "../../src/index.ts";

test("the target does the work of the method, and its errors are those of the operation", async () => {
  process.env["TARGET_SECRET"] = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
  const { target } = await import("./target.ts");
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  process.env["TARGET_URL"] = `http://127.0.0.1:${(target.address() as AddressInfo).port}/count-words`;
  const { countWords } = await import("./documents.ts");
  const operations = await openOperations({ methods: [countWords], store: "sqlite::memory:" });
  try {
    const counting = await operations.start(countWords, { text: "To be, or not to be" });
    const counted = await operations.wait(counting.name, { method: countWords });
    assert.deepEqual(counted.response, { words: 6, longest: "not" });
    const failing = await operations.start(countWords, { text: " … " });
    const { error } = await operations.wait(failing.name);
    assert.deepEqual([error?.code, error?.message], ["INVALID_ARGUMENT", "The text has no words."]);
    const unsigned = await fetch(process.env["TARGET_URL"], { method: "POST", body: '{"text":"a"}' });
    assert.equal(unsigned.status, 401);
  } finally {
    await operations.stop();
    target.close();
  }
});
