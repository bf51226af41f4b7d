import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { type Rpc, servicesOf } from "./rpc.ts";

function rpc(parent: object): Rpc {
  return { desc: { parent } as DescMethodUnary, call: () => Promise.reject(new Error("not called")) };
}

test("servicesOf() names each service once", () => {
  const [one, other] = [{ typeName: "a.One" }, { typeName: "a.Other" }];
  assert.deepEqual(servicesOf([rpc(one), rpc(other), rpc(one)]), [one, other]);
});
