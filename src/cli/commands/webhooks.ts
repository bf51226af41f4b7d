import type { SettingTable } from "../../config/setting.ts";
import { encodePath } from "../../client/rest/path.ts";
import { StatusError } from "../../core/error/error.ts";
import { RestCaller, type RestCall } from "../../client/rest/caller.ts";
import { type Command, defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import type { OperatorsSettings } from "../operators/client.ts";
import { OPERATORS_KEYS } from "../operators/connect.ts";
import { credentialHeaders } from "../operators/credential.ts";
import { printJson, printLines } from "../operators/print.ts";
import { oneLine } from "../output/style.ts";
import { tableLines } from "../output/table.ts";

/** The values of a command's own flags. */
type Given = Readonly<Record<string, string>>;

/** A webhook command: its request to the server, and how its answer is shown. */
interface Webhook {
  readonly name: string;
  readonly summary: string;
  readonly usage: "PARENT" | "NAME" | "";
  /** Text options, empty if not given. */
  readonly options: SettingTable;
  readonly example: string;
  readonly call: (word: string, options: Given) => RestCall;
  /** Rows of a table. @default the answer, as JSON */
  readonly rows?: (answer: Answer) => readonly (readonly string[])[];
  readonly none?: string;
}

/** The answer of a server, in which empty texts are absent. */
interface Answer {
  readonly webhookEndpoints?: readonly Readonly<Record<string, string>>[];
  readonly deliveries?: readonly Readonly<Record<string, string>>[];
  readonly webhooks?: readonly WebhookState[];
}

/** An endpoint and its deliveries of the last hour. Counts of zero are left out. */
interface WebhookState {
  readonly endpoint?: Readonly<Record<string, string>> & { readonly callbackHosts?: readonly string[] };
  readonly failingSince?: string;
  readonly delivered?: number;
  readonly failed?: number;
  readonly retrying?: number;
}

/** A row of the operators' list: name, state, address, counts, and problems. */
function stateCells({
  endpoint = {},
  failingSince,
  delivered = 0,
  failed = 0,
  retrying = 0,
}: WebhookState): readonly string[] {
  const { name, state, url, callbackHosts = [], disableReason } = endpoint;
  const counts = [`${delivered} delivered`, `${retrying} retrying`, `${failed} failed`].join(", ");
  const trouble = disableReason ?? (failingSince === undefined ? "" : `failing since ${failingSince}`);
  return cells(name, state, url ?? callbackHosts.join(", "), counts, trouble);
}

function webhookCommand(webhook: Webhook): Command {
  const { name, summary, usage, options, example, rows, none = "" } = webhook;
  return defineCommand({
    name: `webhooks ${name}`,
    summary,
    description: ["The server must be started with --webhooks. The command uses REST."],
    words: { usage, min: usage === "NAME" ? 1 : 0, max: usage === "" ? 0 : 1 },
    options: { ...options, output: OUTPUT_OPTION },
    settings: OPERATORS_KEYS,
    examples: [example],
    exits: ["succeeded", "usage", "notFound", "unreachable", "refused"],
    async run(io, { words: [word = ""], options: given, settings }) {
      const values = given as unknown as Given;
      const answer = await caller(settings, io).call(webhook.call(word, values)).catch(withoutWebhooks);
      if (rows === undefined || values["output"] === "json") printJson(io, answer);
      else printLines(io, tableLines(rows(answer as Answer)), none);
      return "succeeded";
    },
  });
}

/** A server without webhooks knows none of their addresses. @throws the error, or one with the remedy */
function withoutWebhooks(error: unknown): never {
  if (!(error instanceof StatusError) || !UNKNOWN_ADDRESS.has(error.reason ?? "")) throw error;
  throw new CommandError(
    "notFound",
    `${error.code}: ${error.message}`,
    "The server must run with --webhooks; a name is such as projects/p/webhookEndpoints/ID.",
  );
}

const UNKNOWN_ADDRESS: ReadonlySet<string> = new Set(["PATH_NOT_FOUND", "METHOD_NOT_FOUND"]);

/** @throws {CommandError} for an invalid address */
function caller({ server, adminToken }: OperatorsSettings, io: Pick<Io, "fetch" | "clock">): RestCaller {
  try {
    return new RestCaller(server, { ...io, headers: credentialHeaders(adminToken) });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("usage", error.message, "Give another one with --server.");
  }
}

const at = (name: string, verb = ""): string => `/v1/${encodePath(name)}${verb}`;
const below = (parent: string): string =>
  `/v1/${parent === "" ? "" : `${encodePath(parent)}/`}webhookEndpoints`;
const post = (path: string, body: unknown = {}): RestCall => ({ verb: "POST", path, body });
const cells = (...texts: readonly (string | undefined)[]): readonly string[] =>
  texts.map((text) => oneLine(text ?? ""));

/** `longrunning webhooks …`, in the order of `--help`. */
export const WEBHOOK_COMMANDS: readonly Command[] = [
  webhookCommand({
    name: "list",
    summary: "Lists the webhook endpoints of a parent.",
    usage: "PARENT",
    options: {},
    example: "longrunning webhooks list projects/p",
    call: (parent) => ({ verb: "GET", path: below(parent) }),
    rows: ({ webhookEndpoints = [] }) =>
      webhookEndpoints.map(({ name, state, url, disableReason }) => cells(name, state, url, disableReason)),
    none: "There are no webhook endpoints.",
  }),
  webhookCommand({
    name: "list-all",
    summary: "Lists the webhook endpoints of all parents, also those of the settings, for operators.",
    usage: "",
    options: {},
    example: "longrunning webhooks list-all",
    call: () => ({ verb: "GET", path: "/admin/v1/webhookEndpoints" }),
    rows: ({ webhooks = [] }) => webhooks.map(stateCells),
    none: "There are no webhook endpoints.",
  }),
  webhookCommand({
    name: "create",
    summary: "Creates a webhook endpoint for a parent, and shows its secret once.",
    usage: "PARENT",
    options: {
      url: { type: "string", default: "", placeholder: "URL", help: "The address that receives events." },
      id: { type: "string", default: "", placeholder: "ID", help: "The last segment of its name." },
      filter: { type: "string", default: "", help: "A filter for operations, as in lists." },
      format: {
        type: "string",
        default: "",
        help: "STANDARD, CLOUDEVENTS_BINARY or CLOUDEVENTS_STRUCTURED.",
      },
      payload: { type: "string", default: "", help: "FULL, or THIN for only the name of the operation." },
      signature: {
        type: "string",
        default: "",
        help: "V1 for a secret, or V1A for an Ed25519 key that the server creates.",
      },
      verify: {
        type: "string",
        default: "",
        help: "NONE, or OPTIONS to ask the receiver for its consent before anything is sent.",
      },
    },
    example: "longrunning webhooks create projects/p --id billing --url https://billing.example.com/hooks",
    call: (parent, { id, url, filter, format, payload, signature, verify }) => ({
      ...post(below(parent), { url, filter, format, payload, signature, verify }),
      query: { webhookEndpointId: id === "" ? undefined : id },
    }),
  }),
  webhookCommand({
    name: "get",
    summary: "Shows a webhook endpoint.",
    usage: "NAME",
    options: {},
    example: "longrunning webhooks get projects/p/webhookEndpoints/billing",
    call: (name) => ({ verb: "GET", path: at(name) }),
  }),
  webhookCommand({
    name: "delete",
    summary: "Removes a webhook endpoint.",
    usage: "NAME",
    options: {},
    example: "longrunning webhooks delete projects/p/webhookEndpoints/billing",
    call: (name) => ({ verb: "DELETE", path: at(name) }),
  }),
  webhookCommand({
    name: "rotate-secret",
    summary: "Creates a new secret for a webhook endpoint; the old secret also signs for a day.",
    usage: "NAME",
    options: {},
    example: "longrunning webhooks rotate-secret projects/p/webhookEndpoints/billing",
    call: (name) => post(at(name, ":rotateSecret")),
  }),
  webhookCommand({
    name: "ping",
    summary: "Sends a test event to a webhook endpoint.",
    usage: "NAME",
    options: {},
    example: "longrunning webhooks ping projects/p/webhookEndpoints/billing",
    call: (name) => post(at(name, ":ping")),
  }),
  webhookCommand({
    name: "deliveries",
    summary: "Lists the deliveries to a webhook endpoint, newest first.",
    usage: "NAME",
    options: {
      filter: { type: "string", default: "", help: "A filter for deliveries, as in lists of operations." },
    },
    example: "longrunning webhooks deliveries projects/p/webhookEndpoints/billing",
    call: (name, { filter }) => ({
      verb: "GET",
      path: at(name, "/deliveries"),
      query: { filter: filter === "" ? undefined : filter },
    }),
    rows: ({ deliveries = [] }) =>
      deliveries.map(({ name, state, eventType, subject }) => cells(name, state, eventType, subject)),
    none: "Nothing was sent.",
  }),
  webhookCommand({
    name: "redeliver",
    summary: "Sends the event of a delivery again.",
    usage: "NAME",
    options: {},
    example:
      "longrunning webhooks redeliver projects/p/webhookEndpoints/billing/deliveries/019b7d3c-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
    call: (name) => post(at(name, ":redeliver")),
  }),
];
