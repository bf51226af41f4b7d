#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Before anything else is loaded: the second start is then spared most of what loading costs.
enableCompileCache();
const { COMMANDS } = await import("./commands.ts");
const { processIo } = await import("./io.ts");
const { run } = await import("./run.ts");

process.exitCode = await run(processIo(), COMMANDS, process.argv.slice(2));
