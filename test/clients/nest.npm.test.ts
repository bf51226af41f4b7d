import { test } from "node:test";
import { driveMounted, runMounted, stopMounted } from "../support/mounting-page.ts";

test("nest.ts of docs/mounting.md serves operations, and stops", async () => {
  const mounted = await runMounted("nest.ts", { server: "app.getHttpServer()", stop: "app.close()" });
  await driveMounted(mounted);
  await stopMounted(mounted);
});
