import { serveEndpoint } from "./adapters/restate.ts";

/** The worker of Restate. Its argument: the port that the server will call. */
process.on("SIGTERM", () => process.exit());
await serveEndpoint(Number(process.argv[2]));
process.stdout.write("Working\n");
