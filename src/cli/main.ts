#!/usr/bin/env node
import { COMMANDS } from "./commands.ts";
import { processIo } from "./io.ts";
import { run } from "./run.ts";

process.exitCode = await run(processIo(), COMMANDS, process.argv.slice(2));
