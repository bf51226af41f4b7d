#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Before anything else is loaded: the second start is then spared most of what loading costs.
enableCompileCache();
const { COMMANDS } = await import("./commands.ts");
const { processIo } = await import("./io.ts");
const { run } = await import("./run.ts");
const { stayAlive } = await import("../core/stay-alive.ts");

// While a database is away, nothing else may keep a command running.
const release = stayAlive();
process.exitCode = await run(processIo(), COMMANDS, process.argv.slice(2)).finally(release);
