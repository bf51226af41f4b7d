import assert from "node:assert/strict";
import { test } from "node:test";
import { silence } from "../core/events.ts";
import { CommandError } from "./exit.ts";
import { exporting } from "./exporting.ts";
import { aWorld } from "./world.suite.ts";

const NOTHING = { OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none" };

const asIs = <T>(begin: () => Promise<T>): Promise<T> => begin();

test("everything that was opened is stopped on request", async () => {
  using world = aWorld({ environment: NOTHING });
  const asked: unknown[] = [];
  const opened = {
    url: "here",
    stop: async (options?: { readonly drain: string }) => void asked.push(options),
  };
  const exported = await exporting(async () => opened, {
    io: world.io,
    name: "a",
    tell: silence,
    refusing: asIs,
  });
  assert.equal(exported.url, "here");
  await exported.stop({ drain: "0s" });
  assert.deepEqual(asked, [{ drain: "0s" }]);
});

test("an exporter that cannot be opened is reported, and so is a failed export", async () => {
  using world = aWorld({ environment: { ...NOTHING, OTEL_TRACES_EXPORTER: "carrier-pigeon" } });
  const how = { io: world.io, name: "a", tell: silence };
  const refused = new CommandError("refused", "no");
  const refusing = async <T>(begin: () => Promise<T>): Promise<T> => {
    try {
      return await begin();
    } catch {
      throw refused;
    }
  };
  await assert.rejects(
    exporting(() => assert.fail("not opened"), { ...how, refusing }),
    refused,
  );
  using other = aWorld({ environment: NOTHING });
  await assert.rejects(
    exporting(() => Promise.reject(new Error("broken")), { ...how, io: other.io, refusing: asIs }),
    /broken/,
  );
});
