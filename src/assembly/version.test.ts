import assert from "node:assert/strict";
import { test } from "node:test";
import { version } from "./version.ts";

test("version() is a version", () => assert.match(version(), /^\d+\.\d+\.\d+/));
