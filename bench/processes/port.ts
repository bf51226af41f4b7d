import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DeclaredMethod } from "../../src/core/method/answered-method.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { openOperations } from "../../src/index.ts";
import type { guarded } from "../../src/server/front.ts";
import type { Http2Server as Http2 } from "../../src/server/http2/http2-server.ts";
import type { listen } from "../../src/server/listening/listen.ts";

/**
 * Serves the measured methods over REST in one of three ways. Arguments: `shared` for our port with
 * gRPC, `unshared` for our port without gRPC, or `own` for `node:http` alone; the folder of the
 * built package; the module with the methods; the store; and more options, as JSON.
 */
const [way, built = "", module = "", store = "", more = "{}"] = process.argv.slice(2);

const imported = async <Exports>(file: string): Promise<Exports> =>
  (await import(pathToFileURL(file).href)) as Exports;
const service = await imported<{ openOperations: typeof openOperations }>(join(built, "index.js"));
const methods = Object.values(await imported<Readonly<Record<string, DeclaredMethod>>>(module));
const operations = await service.openOperations({ methods, store, ...(JSON.parse(more) as object) });
const listener = operations.requestListener();
const port = way === "own" ? await ownPort() : await ourPort();
process.stdout.write(`http://127.0.0.1:${port}\n`);
process.on("SIGTERM", () => process.exit());

async function ownPort(): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function ourPort(): Promise<number> {
  const server = join(built, "server");
  const opener = await imported<{ listen: typeof listen }>(join(server, "listening", "listen.js"));
  const { guarded: guard } = await imported<{ guarded: typeof guarded }>(join(server, "front.js"));
  const http = guard(listener, undefined);
  const { Http2Server } = await imported<{ Http2Server: typeof Http2 }>(
    join(server, "http2", "http2-server.js"),
  );
  const { systemClock: clock } = await imported<{ systemClock: Clock }>(
    join(built, "core", "ports", "clock.js"),
  );
  const http2 =
    way === "shared" ? new Http2Server({ http, grpc: operations.grpcStreams(), clock }) : undefined;
  return (await opener.listen(http, { host: "127.0.0.1", port: 0, tell: {}, http2 })).port;
}
