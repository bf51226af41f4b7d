import assert from "node:assert/strict";
import { z } from "zod";
import { defineMethod, StatusError } from "../../src/index.ts";
import { startTestServer } from "../../src/testing/index.ts";
import { servePages } from "./browser-page.ts";
import { CHROMIUM, clientTest } from "./installed-client.ts";

/** The published client in a real browser, on a page of another origin than the service's. */

const pack = defineMethod({
  name: "pack",
  request: z.object({ directory: z.string().min(1) }),
  response: z.object({ path: z.string() }),
  metadata: z.object({ progressPercent: z.number(), currentFile: z.string() }),
  retry: { attempts: 1 },
  async run({ directory }, context) {
    if (directory === "/locked")
      throw new StatusError("FAILED_PRECONDITION", "Locked.", { reason: "LOCKED" });
    context.report({ progressPercent: 50, currentFile: "ü.txt" });
    await reported.promise;
    return { path: `${directory}.tar` };
  },
});
let reported = Promise.withResolvers<void>();

/** Lets {@link pack} continue: the page has seen its report. */
const goOn = defineMethod({ name: "goOn", request: z.object({}), run: () => reported.resolve() });

/** @param server the service's address */
const script = (server: string): string => `
import { createClient, OperationError, StatusError } from "/client/index.js";
const client = createClient("${server}");
const caught = (call) => call.then(() => "nothing", (error) =>
  [error instanceof OperationError, error instanceof StatusError, error.code, error.reason]);
const started = await client.start("pack", { directory: "/tmp/ü" }, { parent: "projects/p", requestId: "r" });
const again = await client.start("pack", { directory: "/tmp/ü" }, { parent: "projects/p", requestId: "r" });
const files = [];
for await (const { done, metadata } of client.updates(started)) {
  files.push(metadata.currentFile);
  if (metadata.currentFile === "ü.txt" && !done) await client.start("goOn", {});
}
const result = await client.result(started.name);
const listed = [];
for await (const { name } of client.list({ parent: "projects/p", filter: "done=true" })) listed.push(name);
const locked = await client.start("pack", { directory: "/locked" });
const failures = {
  operation: await caught(client.result(locked)),
  request: await caught(client.start("pack", { directory: "" })),
  name: await caught(client.get("nonsense")),
  grpc: await caught(createClient("${server.replace("http:", "grpc:")}").get(started.name)),
};
await client.cancel(started);
await client.delete(started);
failures.deleted = await caught(client.get(started));
client.close();
await tell({ same: again.name === started.name, files, result, found: listed.includes(started.name), failures });
`;

clientTest(CHROMIUM, "a page starts, follows, lists, deletes, and reads errors", async (_, chromium) => {
  reported = Promise.withResolvers();
  await using pages = await servePages();
  await using server = await startTestServer([pack, goOn], { cors: [pages.origin] });
  const told = (await pages.open(chromium, script(server.url))) as { readonly files?: readonly unknown[] };
  assert.ok(told.files?.includes("ü.txt"), JSON.stringify(told));
  assert.deepEqual(
    { ...told, files: [] },
    {
      same: true,
      files: [],
      result: { path: "/tmp/ü.tar" },
      found: true,
      failures: {
        operation: [true, true, "FAILED_PRECONDITION", "LOCKED"],
        request: [false, true, "INVALID_ARGUMENT", "REQUEST_INVALID"],
        name: [false, true, "INVALID_ARGUMENT", "NAME_INVALID"],
        grpc: [false, true, "UNIMPLEMENTED", "GRPC_UNSUPPORTED"],
        deleted: [false, true, "NOT_FOUND", "OPERATION_NOT_FOUND"],
      },
    },
  );
});
