import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import { remote } from "../../core/method/remote.ts";
import { clean, pack } from "../packing.suite.ts";
import { keyStateOf, requestOf, settingsOf } from "./method-detail.ts";

const valueOf = (settings: ReturnType<typeof settingsOf>, name: string): string | undefined =>
  settings.find((each) => each.name === name)?.value;

describe("requestOf()", () => {
  it("is the schema of a request, and an example that fits it", () => {
    const { requestSchema, requestExample } = requestOf(pack);
    assert.equal(requestSchema?.["type"], "object");
    assert.equal(z.object({ directory: z.string() }).safeParse(requestExample).success, true);
    assert.deepEqual(requestOf(undefined), { requestSchema: null, requestExample: null });
  });
});

describe("settingsOf()", () => {
  it("are in words", () => {
    const settings = settingsOf(pack);
    assert.equal(
      valueOf(settings, "Retries"),
      "3 attempts, 1 s to 1 min apart, on UNAVAILABLE and unexpected exceptions",
    );
    assert.equal(valueOf(settings, "Deadline"), "1 h after its start");
    assert.equal(valueOf(settings, "Kept when done"), "1 d; callers may ask for 1 min to 2 d");
    assert.equal(valueOf(settingsOf(clean), "Deadline"), "none");
    assert.deepEqual(settingsOf(undefined), []);
  });

  it("name no codes if remote workers decide which errors are final", () => {
    const method = defineMethod({ name: "resize", request: z.object({}), run: remote() });
    assert.equal(valueOf(settingsOf(method), "Retries"), "3 attempts, 1 s to 1 min apart");
  });

  it("say what is limited", () => {
    const method = defineMethod({
      name: "resize",
      request: z.object({ disk: z.string() }),
      retry: { attempts: 1 },
      parallel: { key: ({ disk }) => disk, limit: 2, when: "queue" },
      concurrency: 5,
      run: () => {},
    });
    const settings = settingsOf(method);
    assert.equal(valueOf(settings, "Parallel"), "2 of one key at once; others wait");
    assert.equal(valueOf(settings, "Retries"), "none: 1 attempt");
    assert.equal(valueOf(settings, "Handlers in a process"), "5");
  });
});

describe("keyStateOf()", () => {
  it("says whether more is blocked than was counted", () => {
    const key = { key: "disk-7", blocked: 10_001, held: 2, oldestBlocked: 5 };
    assert.deepEqual(keyStateOf(key), { ...key, blocked: 10_000, blockedMore: true });
  });
});
