import { flushCompileCache } from "node:module";
import { StatusError } from "../client/index.ts";
import type { SettingsFor } from "../config/parse.ts";
import { maskPassword } from "../config/secret.ts";
import { SERVE_KEYS } from "../config/settings.ts";
import { formatDuration } from "../core/duration.ts";
import type { Log } from "../core/log.ts";
import type { Method } from "../core/method.ts";
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
import { serverFlag } from "./watch.ts";

/** `longrunning serve FILE…`. */
export const serve = defineCommand({
  name: "serve",
  summary: "Serves the methods that modules export, and runs their handlers.",
  description: [
    "Each FILE is a TypeScript or JavaScript module; everything it exports that defineMethod made is served.",
    "SIGTERM and Ctrl-C drain: new operations are refused, running handlers get --drain, and what is not done by then " +
      "is given back and continues after the next start. A second signal ends the process at once, which loses nothing " +
      "either: the operations continue once their leases have passed.",
  ],
  words: { usage: "FILE…", min: 1, max: 1_000 },
  options: {},
  settings: SERVE_KEYS,
  examples: [
    "longrunning serve archive.ts",
    "longrunning serve archive.ts restore.ts --port 9000 --store sqlite:/var/lib/archive/operations.db",
    "LONGRUNNING_LOG_FORMAT=json longrunning serve archive.ts --host 0.0.0.0",
  ],
  exits: ["succeeded", "usage", "refused", "interrupted"],
  async run(io, { words, settings }) {
    const log = createLog(io, { format: settings.logFormat, level: settings.logLevel });
    // Imported here, so that the commands that only call a server do not load one; and beside the user's own modules.
    const [methods, { serve: serveMethods }] = await Promise.all([
      loadMethods(words, io.directory),
      import("../serve.ts"),
    ]);
    const served = await listen(serveMethods, methods, { settings, log });
    const { url } = served;
    // Now and not at the end, which a server may not live to see.
    flushCompileCache();
    if (settings.logFormat === "text") io.stdout.write(welcome(io, url, methods));
    else {
      // Standard output has the address and nothing else, for whoever started the process.
      io.stdout.write(`Serving on ${url}\n`);
      log.info("serving", {
        url,
        store: maskPassword(settings.store),
        methods: methods.map(({ name }) => name),
      });
    }
    return await untilStopped(io, served, { drainMs: settings.drainMs, log });
  },
});

async function listen(
  serveMethods: (options: ServeOptions) => Promise<Served>,
  methods: readonly Method[],
  { settings, log }: { readonly settings: SettingsFor<(typeof SERVE_KEYS)[number]>; readonly log: Log },
): Promise<Served> {
  const { host, port, store, concurrency, leaseMs, drainMs, name, title, publicUrl, cors, jsonp } = settings;
  try {
    return await serveMethods({
      methods,
      host,
      port,
      store,
      name,
      title,
      log,
      jsonp,
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
function welcome(io: Io, url: string, methods: readonly Method[]): string {
  const style = styleFor(io, io.stdout);
  const [first] = methods;
  const rows = methods.map((method) => [`  ${method.name}`, oneLine(method.description)]);
  const body = JSON.stringify(first === undefined ? {} : sampleRequest(first)).replaceAll("'", "'\\''");
  return [
    `Serving on ${style.bold(url)}`,
    "",
    "Methods:",
    ...tableLines(rows),
    "",
    "Try:",
    `  curl -X POST '${url}/v1:${first?.name}' -H 'content-type: application/json' -d '${body}'`,
    `  longrunning start ${first?.name} --json '${body}' --wait${serverFlag(url)}`,
    "",
    "Stop with Ctrl-C.",
    "",
  ].join("\n");
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
  return new Promise((resolve, reject) => {
    let stopping = false;
    const removeListener = io.onInterrupt(() => {
      if (stopping) {
        log.warn("stopped at once: operations that were running continue once their leases have passed");
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
  });
}
