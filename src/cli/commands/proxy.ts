import { PROXY_KEYS } from "../../config/setting-keys.ts";
import { ACCESS_EVENTS, logEvents } from "../../core/event-log.ts";
import { Teller } from "../../core/teller.ts";
import type { Served } from "../../assembly/serve.ts";
import { reloadAccessOnHangup } from "../access-rules.ts";
import { defineCommand } from "../command.ts";
import { CommandError } from "../exit.ts";
import { createLog } from "../log/log.ts";
import { ServerRun } from "../server-run.ts";
import { readTls, renewTlsOnHangup } from "../tls.ts";
import { optionsOf, refusing } from "./serve.ts";

/** `longrunning proxy --upstream URL`. */
export const proxy = defineCommand({
  name: "proxy",
  summary: "Runs in front of any HTTP server, and turns requests into operations if callers ask for it.",
  description: [
    "Requests pass through to --upstream unchanged. A request with `Prefer: respond-async`, or one in --async, is stored and answered " +
      "202 with the address of its monitor. The monitor returns the upstream's answer when it is available (docs/proxy.md).",
    "Paths below /.operations/ belong to the proxy: monitors, and the same service as `longrunning serve`. SIGTERM and Ctrl-C drain.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: {},
  settings: PROXY_KEYS,
  examples: [
    "longrunning proxy --upstream http://127.0.0.1:3000",
    "longrunning proxy --upstream http://127.0.0.1:3000 --async 'POST /reports/**' --wait 5s",
  ],
  exits: ["succeeded", "failed", "usage", "refused", "interrupted"],
  async run(io, { settings }) {
    const {
      upstream,
      async: patterns = [],
      waitMs,
      upstreamTimeoutMs,
      asyncTimeoutMs,
      forwardCredentials,
    } = settings;
    if (upstream === undefined)
      throw new CommandError(
        "usage",
        "--upstream: expected the address of the server behind the proxy",
        "Such as: longrunning proxy --upstream http://127.0.0.1:3000",
      );
    const { logFormat: format, logLevel: level, logProject: project, name: producer } = settings;
    let worker: string | undefined;
    const log = createLog(io, { format, level, gcp: { project, producer }, worker: () => worker });
    const teller = new Teller();
    const { tell } = teller;
    logEvents(teller, log, settings.accessLog ? [] : ACCESS_EVENTS);
    const deaf: (() => void)[] = [];
    const open = async (): Promise<Served> => {
      const [{ serveProxy }, tls] = await Promise.all([
        import("../../assembly/proxy.ts"),
        readTls(io, settings),
      ]);
      const times = { waitMs, upstreamTimeoutMs, asyncTimeoutMs };
      const own = { upstream, async: patterns, forwardCredentials, ...times };
      const given = { ...optionsOf(settings), ...own, ...(tls === undefined ? {} : { tls }) };
      const served = await refusing(() => serveProxy(teller, given));
      worker = served.operations.worker;
      if (tls !== undefined) deaf.push(renewTlsOnHangup(io, settings, { pair: tls, served, tell }));
      if (settings.audit !== undefined) deaf.push(io.onHangup(() => void served.operations.reopenAudit()));
      if (settings.access !== undefined)
        deaf.push(reloadAccessOnHangup(io, settings.access, { served, tell }));
      return served;
    };
    const { drainMs, drainDelayMs } = settings;
    const run = new ServerRun({ io, log, tell, drainMs, drainDelayMs });
    return run
      .run(open, ({ url, probeUrl }) => {
        io.stdout.write(`Proxy on ${url} before ${upstream}\n`);
        if (probeUrl !== "") io.stdout.write(`Probes on ${probeUrl}\n`);
      })
      .finally(() => {
        for (const each of deaf) each();
      });
  },
});
