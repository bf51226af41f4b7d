import { flushCompileCache } from "node:module";
import { StatusError } from "../../core/error/error.ts";
import type { SettingsFor } from "../../config/parse.ts";
import { withoutPassword } from "../../core/value/secret.ts";
import { SERVE_KEYS } from "../../config/setting-keys.ts";
import { ACCESS_EVENTS, logEvents } from "../../core/event-log.ts";
import type { EventName, Tell } from "../../core/events.ts";
import { Teller } from "../../core/teller.ts";
import type { DeclaredMethod } from "../../core/method/answered-method.ts";
import { isMethod, type Method } from "../../core/method/method.ts";
import { jsonSchemaOf } from "../../core/method/schema.ts";
import type { ServeOptions } from "../../assembly/options.ts";
import type { Served } from "../../assembly/serve.ts";
import { defineCommand } from "../command.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import { exporting } from "../exporting.ts";
import { createLog, type ServerLog } from "../log/log.ts";
import { loadMethods } from "../modules.ts";
import { restarting } from "../restarting.ts";
import { sampleOf } from "../../core/method/sample.ts";
import { ServerRun } from "../server-run.ts";
import { oneLine, styleFor } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { reloadAccessOnHangup } from "../access-rules.ts";
import { readTls, renewTlsOnHangup } from "../tls.ts";
import { serverFlag } from "../server-flag.ts";
import { readWebhookFile } from "../webhook-file.ts";

/** `longrunning serve [FILE…]`. */
export const serve = defineCommand({
  name: "serve",
  summary: "Serves the methods that modules export, and runs their handlers.",
  description: [
    "Each FILE is a TypeScript or JavaScript module; the server serves all its exports that defineMethod created. In addition, or " +
      "instead, --methods names a file that declares methods without code, which workers run. Files are read once, when the server starts.",
    "SIGTERM and Ctrl-C drain: new operations are refused, running handlers get --drain to finish, and the remaining operations " +
      "are released for another worker or the next start. A second signal ends the process at once. This loses nothing " +
      "either: the operations continue after the next start or, on PostgreSQL, in another process when their leases expire.",
    "The exit code is 1 if a handler ignored its aborted signal, or if the process ended because of an uncaught error (a rejected " +
      "promise, a timer that throws) or process.exit in a handler. Running attempts are released first, and only the attempt " +
      "that caused the error counts as failed. The process continues if its log cannot be written.",
  ],
  words: { usage: "[FILE…]", min: 0, max: 1_000 },
  options: {
    descriptors: {
      type: "string",
      default: "",
      placeholder: "FILE",
      help: "A descriptor set, for handlers that name their RPC. To create it: buf build -o api.binpb",
    },
    watch: {
      type: "boolean",
      default: false,
      help: "For development: drains and starts again, on the same --port, when a served or imported module changes.",
    },
  },
  settings: SERVE_KEYS,
  examples: [
    "longrunning serve archive.ts",
    "longrunning serve archive.ts --watch",
    "longrunning serve --methods methods.yaml",
    "longrunning serve archive.ts restore.ts --port 9000 --store sqlite:/var/lib/archive/operations.db",
    "LONGRUNNING_LOG_FORMAT=json longrunning serve archive.ts --host 0.0.0.0 --access access.yaml",
  ],
  exits: ["succeeded", "failed", "usage", "refused", "interrupted"],
  async run(io, { words, options, settings }) {
    if (words.length === 0 && settings.methods === undefined) throw nothingToServe();
    if (options.watch) return await restarting(io, "--watch");
    let worker: string | undefined;
    const log = logOf(io, settings, () => worker);
    const teller = new Teller();
    logEvents(teller, log, unlogged(settings));
    const { tell } = teller;
    const { drainMs, drainDelayMs } = settings;
    const deaf: (() => void)[] = [];
    let methods: readonly DeclaredMethod[] = [];
    const open = async (): Promise<Served> => {
      // Imported here, so that commands that only call a server do not load one; in parallel with
      // the user's modules.
      const [declared, { serveToldBy }, tls, webhookEndpoints] = await Promise.all([
        loadMethods(
          { modules: words, descriptors: options.descriptors, declarations: settings.methods },
          io,
          tell,
        ),
        import("../../assembly/serve.ts"),
        readTls(io, settings),
        readWebhookFile(io, settings.webhookEndpoints),
      ]);
      methods = declared;
      const begin = (): Promise<Served> =>
        listen((given) => serveToldBy(teller, given), methods, { settings, tls, webhookEndpoints });
      const served = settings.otlp
        ? await exporting(begin, { io, name: settings.name, tell, refusing })
        : await begin();
      worker = served.operations.worker;
      // At this point and not at the end, which may never be reached.
      flushCompileCache();
      // Without TLS, audit and rules there is nothing to reload, and SIGHUP ends the process as
      // usual.
      if (tls !== undefined) deaf.push(renewTlsOnHangup(io, settings, { pair: tls, served, tell }));
      if (settings.audit !== undefined) deaf.push(io.onHangup(() => void served.operations.reopenAudit()));
      if (settings.access !== undefined)
        deaf.push(reloadAccessOnHangup(io, settings.access, { served, tell }));
      return served;
    };
    const run = new ServerRun({ io, log, tell, drainMs, drainDelayMs });
    return await run
      .run(open, (served) => announce(io, served, { methods, settings, tell }))
      .finally(() => {
        for (const each of deaf) each();
      });
  },
});

function nothingToServe(): CommandError {
  return new CommandError(
    "usage",
    "serve: expected FILE… or --methods FILE",
    "Give a module that exports methods, or a file that declares some.",
  );
}

type ServeSettings = SettingsFor<(typeof SERVE_KEYS)[number]>;

function logOf(io: Io, settings: ServeSettings, worker: () => string | undefined): ServerLog {
  const { logFormat: format, logLevel: level, logProject, name: producer } = settings;
  const project = logProject ?? io.environment["GOOGLE_CLOUD_PROJECT"];
  return createLog(io, { format, level, gcp: { project, producer }, worker });
}

/** Events that are not logged. */
function unlogged({ logFormat, accessLog }: ServeSettings): readonly EventName[] {
  // In the format `text`, the welcome shows them.
  const told: readonly EventName[] = logFormat === "text" ? ["server.listening", "worker.working"] : [];
  return accessLog ? told : [...told, ...ACCESS_EVENTS];
}

/** Prints the addresses and the methods. */
function announce(
  io: Io,
  { url, probeUrl, admin }: Served,
  how: { readonly methods: readonly DeclaredMethod[]; readonly settings: ServeSettings; readonly tell: Tell },
): void {
  const { methods, settings, tell } = how;
  if (settings.logFormat === "text") io.stdout.write(welcome(io, { url, admin }, how));
  // Standard output contains only the addresses, for the program that started the process.
  else io.stdout.write(url === "" ? "Working\n" : `Serving on ${url}\n`);
  if (probeUrl !== "") io.stdout.write(`Probes on ${probeUrl}\n`);
  const served = { store: withoutPassword(settings.store), methods: methods.map(({ name }) => name) };
  if (url === "") tell["worker.working"]?.(served);
  else tell["server.listening"]?.({ url, ...served });
}

async function listen(
  serveMethods: (options: ServeOptions) => Promise<Served>,
  methods: readonly DeclaredMethod[],
  how: {
    readonly settings: ServeSettings;
    readonly tls: ServeOptions["tls"] | undefined;
    readonly webhookEndpoints: ServeOptions["webhookEndpoints"] | undefined;
  },
): Promise<Served> {
  const { tls, webhookEndpoints, settings } = how;
  const files = {
    ...(tls === undefined ? {} : { tls }),
    ...(webhookEndpoints === undefined ? {} : { webhookEndpoints }),
  };
  return refusing(() => serveMethods({ methods, ...files, ...optionsOf(settings) }));
}

/** @throws {CommandError} for an error that prevents serving */
export async function refusing<T>(begin: () => Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof StatusError)) throw error;
    throw new CommandError(
      "refused",
      `Cannot serve: ${error.message}`,
      "To check the settings and the store: longrunning doctor",
    );
  }
}

/** Converts settings to options of `serve`. */
export function optionsOf(settings: ServeSettings): Omit<ServeOptions, "methods"> {
  const { host, port, store, role, listen: listens, connections, concurrency, name, jsonp } = settings;
  const { probePort, title, publicUrl, allowedHosts, cors } = settings;
  const { metrics, attemptSpans, statistics, admin, adminToken, webhooks, webhookAllow, webhookProxy } =
    settings;
  const { access, accessControl, queryCredentials } = settings;
  const { accessLog, leaseMs, drainMs, drainDelayMs, audit, auditReads, auditFailure } = settings;
  const { kek: keks, encrypt } = settings;
  return {
    host,
    port,
    store,
    role,
    ...(probePort === undefined ? {} : { probePort }),
    postgres: { listen: listens, connections },
    concurrency,
    name,
    jsonp,
    statistics,
    webhooks,
    accessLog,
    attemptSpans,
    accessControl,
    auditReads,
    auditFailure,
    ...(audit === undefined ? {} : { audit }),
    ...(keks === undefined ? {} : { encryption: { keks, encrypt } }),
    ...(title === undefined ? {} : { title }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
    ...(cors === undefined ? {} : { cors }),
    ...(webhookAllow === undefined ? {} : { webhookAllow }),
    ...(webhookProxy === undefined ? {} : { webhookProxy }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(admin === undefined ? {} : { admin }),
    ...(adminToken === undefined ? {} : { adminToken }),
    ...(access === undefined ? {} : { access: { rules: access, queryCredentials } }),
    lease: `${leaseMs}ms`,
    drain: `${drainMs}ms`,
    drainDelay: `${drainDelayMs}ms`,
  };
}

/** The information for a first-time user: the address, the methods, and one line to copy. */
function welcome(
  io: Io,
  { url, admin }: Pick<Served, "url" | "admin">,
  { methods, settings }: { readonly methods: readonly DeclaredMethod[]; readonly settings: ServeSettings },
): string {
  const dashboard = "url" in admin ? admin.url : `off (${admin.off})`;
  const style = styleFor(io, io.stdout);
  const rows = methods.map((method) => [
    `  ${method.name}`,
    isMethod(method) ? oneLine(method.description) : "answered at once",
  ]);
  const first = methods.find(isMethod);
  const more = first === undefined || url === "" ? [] : tryLines(first, url, settings.access !== undefined);
  const lines = ["Methods:", ...tableLines(rows), "", ...more];
  return [
    ...(url === "" ? ["Working"] : [`Serving on ${style.bold(url)}`, `Dashboard: ${dashboard}`]),
    "",
    ...lines,
    "Stop with Ctrl-C.",
    "",
  ].join("\n");
}

/** The lines that show how to start an operation. */
function tryLines(method: Method, url: string, needsKey: boolean): readonly string[] {
  const [header, flag] = needsKey ? [" -H 'x-goog-api-key: KEY'", " --api-key KEY"] : ["", ""];
  const body = JSON.stringify(sampleRequest(method)).replaceAll("'", "'\\''");
  return [
    "Try:",
    `  curl -X POST '${url}/v1:${method.name}' -H 'content-type: application/json'${header} -d '${body}'`,
    `  longrunning start ${method.name} --json '${body}' --wait${serverFlag(url)}${flag}`,
    "",
  ];
}

function sampleRequest(method: Method): unknown {
  if (method.sample !== undefined) return method.sample();
  const schema = jsonSchemaOf(method.request, "input");
  return schema === undefined ? {} : sampleOf(schema);
}
