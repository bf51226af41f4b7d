import assert from "node:assert/strict";
import { test } from "node:test";
import { causeCode, causeMessage } from "./cause.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
const ofAddresses = Object.assign(new AggregateError([refused], ""), { code: "ECONNREFUSED" });

test("the code and the message of an error are those of its innermost cause", () => {
  const error = new TypeError("fetch failed", { cause: refused });
  assert.deepEqual(
    [causeCode(error), causeMessage(error)],
    ["ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"],
  );
});

test("an error without a message has its code as the message", () => {
  const error = new TypeError("fetch failed", { cause: ofAddresses });
  assert.deepEqual([causeCode(error), causeMessage(error)], ["ECONNREFUSED", "ECONNREFUSED"]);
});

test("other values have neither, and a circle of causes ends", () => {
  for (const value of [undefined, null, "text", 5, {}])
    assert.deepEqual([causeCode(value), causeMessage(value)], [undefined, ""]);
  const circle = new Error("round");
  circle.cause = circle;
  assert.deepEqual([causeCode(circle), causeMessage(circle)], [undefined, "round"]);
});
