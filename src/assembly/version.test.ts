import assert from "node:assert/strict";
import { test } from "node:test";
import { userAgent, version } from "./version.ts";

test("version() is a version", () => assert.match(version(), /^\d+\.\d+\.\d+/));

test("userAgent() has the version", () => assert.equal(userAgent(), `longrunning/${version()}`));
