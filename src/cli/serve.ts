import { flushCompileCache } from "node:module";
import { MessageChannel } from "node:worker_threads";
import { StatusError } from "../client/index.ts";
import type { SettingsFor } from "../config/parse.ts";
import { maskPassword } from "../config/secret.ts";
import { SERVE_KEYS } from "../config/settings.ts";
import { formatDuration } from "../core/duration.ts";
import type { Log } from "../core/log.ts";
import type { DeclaredMethod } from "../core/answered-method.ts";
import { isMethod, type Method } from "../core/method.ts";
import { jsonSchemaOf } from "../core/schema.ts";
import type { Served, ServeOptions } from "../serve.ts";
import { defineCommand } from "./command.ts";
import { CommandError, type ExitName } from "./exit.ts";
import type { Io } from "./io.ts";
import { createLog } from "./log.ts";
import { loadMethods } from "./modules.ts";
import { sampleOf } from "./sample.ts";
import { oneLine, styleFor } from "./style.ts";
import { tableLines } from "./table.ts";
import { readTls, renewTlsOnHangup } from "./tls.ts";
import { serverFlag } from "./watch.ts";

/** `longrunning serve FILE…`. */
export const serve = defineCommand({
  name: "serve",
  summary: "Serves the methods that modules export, and runs their handlers.",
  description: [
    "Each FILE is a TypeScript or JavaScript module; everything it exports that defineMethod made is served.",
    "SIGTERM and Ctrl-C drain: new operations are refused, running handlers get --drain, and what is not done by then " +
      "is given back, for another worker or the next start. A second signal ends the process at once, which loses nothing " +
      "either: the operations continue after the next start or, on PostgreSQL, elsewhere once their leases have passed.",
  ],
  words: { usage: "FILE…", min: 1, max: 1_000 },
  options: {
    descriptors: {
      type: "string",
      default: "",
      placeholder: "FILE",
      help: "A descriptor set, for handlers that name their RPC; made by: buf build -o api.binpb",
    },
  },
  settings: SERVE_KEYS,
  examples: [
    "longrunning serve archive.ts",
    "longrunning serve archive.ts restore.ts --port 9000 --store sqlite:/var/lib/archive/operations.db",
    "LONGRUNNING_LOG_FORMAT=json longrunning serve archive.ts --host 0.0.0.0",
  ],
  exits: ["succeeded", "usage", "refused", "interrupted"],
  async run(io, { words, options, settings }) {
    const log = createLog(io, { format: settings.logFormat, level: settings.logLevel });
    // Imported here, so that the commands that only call a server do not load one; and beside the user's own modules.
    const [methods, { serve: serveMethods }, tls] = await Promise.all([
      loadMethods(words, io.directory, options.descriptors),
      import("../serve.ts"),
      readTls(io, settings),
    ]);
    const served = await listen(serveMethods, methods, { settings, log, tls });
    const { url } = served;
    // Now and not at the end, which a server may not live to see.
    flushCompileCache();
    if (settings.logFormat === "text") io.stdout.write(welcome(io, url, methods));
    else {
      // Standard output has the address and nothing else, for whoever started the process.
      io.stdout.write(url === "" ? "Working\n" : `Serving on ${url}\n`);
      log.info(url === "" ? "working" : "serving", {
        ...(url === "" ? {} : { url }),
        store: maskPassword(settings.store),
        methods: methods.map(({ name }) => name),
      });
    }
    // Without TLS there is nothing to read again, and SIGHUP ends the process as it always does.
    const deaf = tls === undefined ? () => {} : renewTlsOnHangup(io, settings, { served, log });
    return await untilStopped(io, served, { drainMs: settings.drainMs, log }).finally(deaf);
  },
});

async function listen(
  serveMethods: (options: ServeOptions) => Promise<Served>,
  methods: readonly DeclaredMethod[],
  how: {
    readonly settings: SettingsFor<(typeof SERVE_KEYS)[number]>;
    readonly log: Log;
    readonly tls: ServeOptions["tls"] | undefined;
  },
): Promise<Served> {
  const { log, tls } = how;
  const { host, port, store, role, concurrency, leaseMs, drainMs, name, title, publicUrl, cors, jsonp } =
    how.settings;
  const { listen: listens, plainSql, connections } = how.settings;
  try {
    return await serveMethods({
      methods,
      host,
      port,
      store,
      role,
      postgres: { listen: listens, plainSql, connections },
      name,
      title,
      log,
      jsonp,
      ...(tls === undefined ? {} : { tls }),
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(cors === undefined ? {} : { cors: cors.split(",") }),
      ...(concurrency === 0 ? { worker: false } : { concurrency }),
      lease: `${leaseMs}ms`,
      drain: `${drainMs}ms`,
    });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof StatusError)) throw error;
    throw new CommandError(
      "refused",
      `Cannot serve: ${error.message}`,
      "See how things are with: longrunning doctor",
    );
  }
}

/** What a first-time user needs: the address, what is there, and one line to copy. */
function welcome(io: Io, url: string, methods: readonly DeclaredMethod[]): string {
  const style = styleFor(io, io.stdout);
  const rows = methods.map((method) => [
    `  ${method.name}`,
    isMethod(method) ? oneLine(method.description) : "answered at once",
  ]);
  const first = methods.find(isMethod);
  const more = first === undefined || url === "" ? [] : tryLines(first, url);
  const lines = ["Methods:", ...tableLines(rows), "", ...more];
  return [
    url === "" ? "Working" : `Serving on ${style.bold(url)}`,
    "",
    ...lines,
    "Stop with Ctrl-C.",
    "",
  ].join("\n");
}

/** How to start an operation. */
function tryLines(method: Method, url: string): readonly string[] {
  const body = JSON.stringify(sampleRequest(method)).replaceAll("'", "'\\''");
  return [
    "Try:",
    `  curl -X POST '${url}/v1:${method.name}' -H 'content-type: application/json' -d '${body}'`,
    `  longrunning start ${method.name} --json '${body}' --wait${serverFlag(url)}`,
    "",
  ];
}

function sampleRequest(method: Method): unknown {
  const schema = jsonSchemaOf(method.request, "input");
  return schema === undefined ? {} : sampleOf(schema);
}

/** Serves until a signal, then drains. A second signal does not wait. */
function untilStopped(
  io: Io,
  served: Served,
  { drainMs, log }: { readonly drainMs: number; readonly log: Log },
): Promise<ExitName> {
  // A worker listens to nobody, and while its database is away nothing else would keep its process.
  const { port1: presence } = new MessageChannel();
  presence.on("message", () => {});
  return new Promise<ExitName>((resolve, reject) => {
    let stopping = false;
    const removeListener = io.onInterrupt(() => {
      if (stopping) {
        log.warn(
          "stopped at once: operations that were running continue after the next start, or elsewhere once their leases have passed",
        );
        io.exit(130);
        return;
      }
      stopping = true;
      const { running } = served.operations;
      const patience =
        running === 0 ? "" : `; up to ${formatDuration(drainMs)} for them, a second signal stops at once`;
      log.info(`stopping: ${running} running${patience}`, { running });
      served
        .stop()
        .then(() => resolve("succeeded"))
        .catch(reject)
        .finally(removeListener);
    });
  }).finally(() => presence.close());
}
