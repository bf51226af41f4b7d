import { flushCompileCache } from "node:module";
import type { Working } from "../../assembly/work.ts";
import type { SettingsFor } from "../../config/parse.ts";
import { WORK_KEYS } from "../../config/setting-keys.ts";
import { logEvents } from "../../core/event-log.ts";
import { isMethod, type Method } from "../../core/method/method.ts";
import { Teller } from "../../core/teller.ts";
import { withoutPassword } from "../../core/value/secret.ts";
import { defineCommand } from "../command.ts";
import { headersOf } from "../connect.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import { exporting } from "../exporting.ts";
import { createLog } from "../log/log.ts";
import { loadMethods } from "../modules.ts";
import { oneLine, styleFor } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { type Runnable, ServerRun } from "../server-run.ts";
import { readPem } from "../tls.ts";

/** `longrunning work FILE…`. */
export const work = defineCommand({
  name: "work",
  summary: "Runs the handlers that modules export, for a server on another machine or in another process.",
  description: [
    "Each FILE is a TypeScript or JavaScript module, as for serve. The server declares the same methods, and need not run handlers " +
      "itself: longrunning serve --concurrency 0. The worker needs no store, only the server's address and credentials.",
    "SIGTERM and Ctrl-C drain: the worker claims no more operations, running handlers get --drain to finish, and the remaining operations " +
      "are released for another worker. A second signal ends the process at once. This loses nothing either: the operations continue " +
      "in another process when their leases expire.",
    "While the server is unreachable, the worker keeps retrying. The command ends if the server refuses its credentials or does not " +
      "declare its methods.",
  ],
  words: { usage: "FILE…", min: 1, max: 1_000 },
  options: {
    descriptors: {
      type: "string",
      default: "",
      placeholder: "FILE",
      help: "A descriptor set, for handlers that name their RPC. To create it: buf build -o api.binpb",
    },
  },
  settings: WORK_KEYS,
  examples: [
    "longrunning work archive.ts --server https://lro.example.com --token $TOKEN",
    "LONGRUNNING_API_KEY=lro_… longrunning work archive.ts --server grpcs://lro.example.com --concurrency 8",
  ],
  exits: ["succeeded", "failed", "usage", "notFound", "refused", "interrupted"],
  async run(io, { words, options, settings }) {
    let working: Working | undefined;
    const { logFormat: format, logLevel: level, logProject, name: producer, drainMs } = settings;
    const project = logProject ?? io.environment["GOOGLE_CLOUD_PROJECT"];
    const log = createLog(io, {
      format,
      level,
      gcp: { project, producer },
      worker: () => working?.worker.name,
    });
    const teller = new Teller();
    // In the format `text`, the welcome shows it.
    logEvents(teller, log, format === "text" ? ["worker.connected"] : []);
    const { tell } = teller;
    let methods: readonly Method[] = [];
    const open = async (): Promise<Runnable> => {
      // Imported here, so that commands that only call a server do not load it; in parallel with
      // the user's modules.
      const [declared, { workToldBy }, ca] = await Promise.all([
        loadMethods({ modules: words, descriptors: options.descriptors }, io, tell),
        import("../../assembly/work.ts"),
        settings.ca === undefined ? "" : readPem(io, "ca", settings.ca),
      ]);
      methods = declared.filter(isMethod);
      if (methods.length === 0) throw nothingToRun(words);
      const given = { ...optionsOf(settings), methods, ca: ca.toString() };
      const begin = (): Promise<Working> => usable(() => workToldBy(teller, given));
      working = settings.otlp
        ? await exporting(begin, { io, name: settings.name, tell, refusing: usable })
        : await begin();
      // At this point and not at the end, which may never be reached.
      flushCompileCache();
      const { worker } = working;
      return { operations: worker, stop: (how) => working?.stop(how) ?? Promise.resolve() };
    };
    const run = new ServerRun({ io, log, tell, drainMs, drainDelayMs: 0 });
    return await run.run(open, () => {
      io.stdout.write(format === "text" ? welcome(io, settings, methods) : "Working\n");
      if (working !== undefined && working.probeUrl !== "")
        io.stdout.write(`Probes on ${working.probeUrl}\n`);
      const server = withoutPassword(settings.server);
      tell["worker.connected"]?.({ server, methods: methods.map(({ name }) => name) });
    });
  },
});

type WorkSettings = SettingsFor<(typeof WORK_KEYS)[number]>;

/** Converts settings to options of a worker. */
function optionsOf(settings: WorkSettings) {
  const { server, parent, token, apiKey, header, host, probePort, concurrency, leaseMs, drainMs } = settings;
  const { name, attemptSpans } = settings;
  return {
    server,
    host,
    probePort,
    concurrency,
    name,
    attemptSpans,
    lease: `${leaseMs}ms`,
    drain: `${drainMs}ms`,
    credentials: { ...(token === undefined ? {} : { token }), ...(apiKey === undefined ? {} : { apiKey }) },
    headers: headersOf(header ?? []),
    ...(parent === undefined ? {} : { parent }),
  } as const;
}

/** @throws {CommandError} for invalid options; errors of the server are thrown unchanged */
async function usable<T>(begin: () => Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("usage", error.message, "See what is possible with: longrunning work --help");
  }
}

function nothingToRun(files: readonly string[]): CommandError {
  return new CommandError(
    "usage",
    `${files.join(", ")}: no method is exported that a worker runs; those that are answered at once are the server's.`,
    "Export what defineMethod returns for a method with { run }.",
  );
}

/** The worker's setup, for the user who started it. */
function welcome(io: Io, { server, concurrency }: WorkSettings, methods: readonly Method[]): string {
  const style = styleFor(io, io.stdout);
  return [
    `Working for ${style.bold(withoutPassword(server))}, up to ${concurrency} at once`,
    "",
    "Methods:",
    ...tableLines(methods.map(({ name, description }) => [`  ${name}`, oneLine(description)])),
    "",
    "Stop with Ctrl-C.",
    "",
  ].join("\n");
}
