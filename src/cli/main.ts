#!/usr/bin/env node
import * as nodeModule from "node:module";
import { EXIT } from "./exit.ts";
import { keepTicksFast } from "../assembly/fast-ticks.ts";
import { isNodeNewEnough, oldNodeMessage } from "../core/node-version.ts";

// An old Node can link these imports, because they use no named export that it lacks.
if (!isNodeNewEnough(process.versions.node)) {
  process.stderr.write(`error: ${oldNodeMessage(process.versions.node)}\n`);
  process.exit(EXIT.refused);
}
keepTicksFast();
// Before anything else is loaded, so that the second start saves most of the loading time.
nodeModule.enableCompileCache();
const { COMMANDS } = await import("./commands.ts");
const { processIo } = await import("./io.ts");
const { run } = await import("./run.ts");
const { stayAlive } = await import("../core/ports/stay-alive.ts");

// While a database is unreachable, only this keeps a command running.
const release = stayAlive();
process.exitCode = await run(processIo(), COMMANDS, process.argv.slice(2)).finally(release);
