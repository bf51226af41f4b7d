import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, openOperations } from "../../src/index.ts";

const sendMail = defineMethod({
  name: "sendMail",
  request: z.object({ to: z.email() }),
  run: ({ to }) => console.log(`Sent to ${to}`),
});

// One handler at a time, so that the order is visible.
const operations = await openOperations({ methods: [sendMail], store: "sqlite::memory:", concurrency: 1 });

// Up to 1000 starts in one call. They are written together, and each has its own result.
const results = await operations.startMany([
  { method: sendMail, request: { to: "later@example.com" }, delay: "200ms" },
  { method: sendMail, request: { to: "first@example.com" }, priority: 9 },
  { method: sendMail, request: { to: "nobody" } },
  { method: sendMail, request: { to: "second@example.com" }, requestId: "mail-2" },
]);
for (const { operation, error } of results)
  console.log(operation === undefined ? `${error.code}: ${error.message}` : `Started: ${operation.state}`);

for (const { operation } of results) if (operation !== undefined) await operations.result(operation);

// A delayed operation is stored at once. Until it begins, it can be cancelled like any other.
const tomorrow = await operations.start(sendMail, { to: "tomorrow@example.com" }, { delay: "24h" });
await operations.cancel(tomorrow.name);
const { state } = await operations.get(tomorrow.name);
console.log(`Tomorrow's mail: ${state}`);

await operations.stop();
