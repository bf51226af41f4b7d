import { suite, test } from "node:test";
import { createClient } from "../../../src/client/index.ts";
import { startTestServer } from "../../../src/testing/index.ts";
import { CITUS_URL, citusForTests, NO_CITUS } from "../../support/citus.ts";
import { emptiedDatabase } from "../../support/emptying.ts";
import { postgresForTests } from "../../support/postgres.ts";
import { endSuite } from "./end.suite.ts";
import { inProcess } from "./in-process.ts";
import { readSuite } from "./read.suite.ts";
import { schedulingSuite } from "./scheduling.suite.ts";
import { startSuite } from "./start.suite.ts";
import type { OpenService, Subject } from "./subject.suite.ts";

/** A client with a server of its own, whose address has this scheme. */
async function overNetwork(
  scheme: "http" | "grpc",
  ...[methods, clock]: Parameters<Subject["open"]>
): Promise<OpenService> {
  const server = await startTestServer(methods, clock === undefined ? {} : { clock });
  const client = createClient(server.url.replace("http:", `${scheme}:`));
  return {
    caller: client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await server.stop();
    },
  };
}

const SUBJECTS: readonly Subject[] = [
  inProcess("in process", () => "sqlite::memory:"),
  inProcess("in process, on PostgreSQL", emptiedDatabase(postgresForTests)),
  ...(CITUS_URL === undefined ? [] : [inProcess("in process, on Citus", emptiedDatabase(citusForTests))]),
  { name: "over REST", cannot: {}, open: (...given) => overNetwork("http", ...given) },
  {
    name: "over gRPC",
    cannot: { order: "google.longrunning.ListOperationsRequest has no field for an order" },
    open: (...given) => overNetwork("grpc", ...given),
  },
];

if (CITUS_URL === undefined) test("operations in process, on Citus", { skip: NO_CITUS }, () => {});
for (const subject of SUBJECTS) {
  suite(`operations ${subject.name}`, () => {
    startSuite(subject);
    schedulingSuite(subject);
    readSuite(subject);
    endSuite(subject);
  });
}
