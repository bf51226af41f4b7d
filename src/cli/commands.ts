import { backup } from "./backup.ts";
import { cancel } from "./cancel.ts";
import type { Command } from "./command.ts";
import { deleteCommand } from "./delete.ts";
import { doctor } from "./doctor.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { migrate } from "./migrate.ts";
import { serve } from "./serve.ts";
import { start } from "./start.ts";
import { wait } from "./wait.ts";

/** The commands, in the order of `--help`. */
export const COMMANDS: readonly Command[] = [
  serve,
  start,
  get,
  list,
  wait,
  cancel,
  deleteCommand,
  migrate,
  backup,
  doctor,
];
