import { accessCheck } from "./commands/access-check.ts";
import { accessExplain } from "./commands/access-explain.ts";
import { encryptionRewrap } from "./commands/encryption-rewrap.ts";
import { encryptionShred } from "./commands/encryption-shred.ts";
import { encryptionStatus } from "./commands/encryption-status.ts";
import { failures } from "./commands/failures.ts";
import { methods } from "./commands/methods.ts";
import { methodsCheck } from "./commands/methods-check.ts";
import { pause } from "./commands/pause.ts";
import { resume } from "./commands/resume.ts";
import { top } from "./commands/top.ts";
import { workers } from "./commands/workers.ts";
import { backup } from "./commands/backup.ts";
import { keysCreate } from "./commands/keys-create.ts";
import { keysList } from "./commands/keys-list.ts";
import { keysRevoke } from "./commands/keys-revoke.ts";
import { cancel } from "./commands/cancel.ts";
import type { Command } from "./command.ts";
import { deleteCommand } from "./commands/delete.ts";
import { doctor } from "./commands/doctor.ts";
import { get } from "./commands/get.ts";
import { init } from "./commands/init.ts";
import { list } from "./commands/list.ts";
import { migrate } from "./commands/migrate.ts";
import { proxy } from "./commands/proxy.ts";
import { serve } from "./commands/serve.ts";
import { start } from "./commands/start.ts";
import { wait } from "./commands/wait.ts";
import { work } from "./commands/work.ts";
import { WEBHOOK_COMMANDS } from "./commands/webhooks.ts";

/** The commands, in the order of `--help`. */
export const COMMANDS: readonly Command[] = [
  init,
  serve,
  proxy,
  work,
  start,
  get,
  list,
  wait,
  cancel,
  deleteCommand,
  methods,
  methodsCheck,
  top,
  failures,
  workers,
  pause,
  resume,
  keysCreate,
  keysList,
  keysRevoke,
  ...WEBHOOK_COMMANDS,
  migrate,
  backup,
  doctor,
  accessCheck,
  accessExplain,
  encryptionStatus,
  encryptionRewrap,
  encryptionShred,
];
