import { invariant } from "../core/invariant.ts";
import type { Command, NamedCommand } from "./command.ts";

/** The commands of `longrunning webhooks`, which share a module. */
const WEBHOOKS = [
  "list",
  "list-all",
  "create",
  "get",
  "delete",
  "rotate-secret",
  "ping",
  "deliveries",
  "redeliver",
];

/** The commands, in the order of `--help`. */
export const COMMANDS: readonly NamedCommand[] = [
  { name: "init", load: async () => (await import("./commands/init.ts")).init },
  { name: "serve", load: async () => (await import("./commands/serve.ts")).serve },
  { name: "proxy", load: async () => (await import("./commands/proxy.ts")).proxy },
  { name: "work", load: async () => (await import("./commands/work.ts")).work },
  { name: "start", load: async () => (await import("./commands/start.ts")).start },
  { name: "get", load: async () => (await import("./commands/get.ts")).get },
  { name: "list", load: async () => (await import("./commands/list.ts")).list },
  { name: "wait", load: async () => (await import("./commands/wait.ts")).wait },
  { name: "cancel", load: async () => (await import("./commands/cancel.ts")).cancel },
  { name: "delete", load: async () => (await import("./commands/delete.ts")).deleteCommand },
  { name: "methods", load: async () => (await import("./commands/methods.ts")).methods },
  { name: "methods check", load: async () => (await import("./commands/methods-check.ts")).methodsCheck },
  { name: "top", load: async () => (await import("./commands/top.ts")).top },
  { name: "failures", load: async () => (await import("./commands/failures.ts")).failures },
  { name: "workers", load: async () => (await import("./commands/workers.ts")).workers },
  { name: "pause", load: async () => (await import("./commands/pause.ts")).pause },
  { name: "resume", load: async () => (await import("./commands/resume.ts")).resume },
  { name: "keys create", load: async () => (await import("./commands/keys-create.ts")).keysCreate },
  { name: "keys list", load: async () => (await import("./commands/keys-list.ts")).keysList },
  { name: "keys revoke", load: async () => (await import("./commands/keys-revoke.ts")).keysRevoke },
  ...WEBHOOKS.map((name) => ({ name: `webhooks ${name}`, load: () => loadWebhook(`webhooks ${name}`) })),
  { name: "migrate", load: async () => (await import("./commands/migrate.ts")).migrate },
  { name: "backup", load: async () => (await import("./commands/backup.ts")).backup },
  { name: "doctor", load: async () => (await import("./commands/doctor.ts")).doctor },
  { name: "access check", load: async () => (await import("./commands/access-check.ts")).accessCheck },
  { name: "access explain", load: async () => (await import("./commands/access-explain.ts")).accessExplain },
  {
    name: "encryption status",
    load: async () => (await import("./commands/encryption-status.ts")).encryptionStatus,
  },
  {
    name: "encryption rewrap",
    load: async () => (await import("./commands/encryption-rewrap.ts")).encryptionRewrap,
  },
  {
    name: "encryption shred",
    load: async () => (await import("./commands/encryption-shred.ts")).encryptionShred,
  },
];

async function loadWebhook(name: string): Promise<Command> {
  const { WEBHOOK_COMMANDS } = await import("./commands/webhooks.ts");
  const command = WEBHOOK_COMMANDS.find((each) => each.name === name);
  invariant(command !== undefined, `there is a command ${name}`);
  return command;
}
