import { CALLS, type CallName, type Facts } from "./facts.ts";

/** The facts of a run of all client tests. */
export interface ClientResults {
  /** The day of the run, such as `2026-11-29`. */
  readonly day: string;
  readonly facts: readonly Facts[];
}

const MEANING: Readonly<Record<CallName, string>> = {
  start: "calls a method that answers with an operation",
  result: "waits for the end as the client does by itself, or polls for it, and reads the typed result",
  resume: "goes on with an operation of which it has the name only",
  update: "updates a resource with a mask, and reads what it became",
  get: "`GetOperation`",
  list: "`ListOperations`",
  wait: "`WaitOperation`, which answers when the operation is done",
  watch: "is told of every change",
  cancel: "`CancelOperation`, and sees the operation end",
  delete: "`DeleteOperation`, and finds it gone",
};

const HEAD = `# Clients

Made by \`npm run report:clients\` from \`test/clients/report/results.json\`; not written by hand. Each mark is a call that a test in
\`test/clients\` made with the client, unmodified, and whose answer it looked at. Where there is none, the client does not offer the call over
this transport, or no test makes it. Names are those of npm packages, Go modules and Maven artifacts; where they do not tell the language, it is given.
`;

/** docs/clients.md. */
export function pageOf({ day, facts }: ClientResults): string {
  return [
    HEAD,
    `Run on ${day}.\n`,
    "## Calls\n",
    ...CALLS.map((call) => `- **${call}**: ${MEANING[call]}`),
    "",
    row(["client", "version", "transport", ...CALLS]),
    row(["---", "---", "---", ...CALLS.map(() => ":-:")]),
    ...facts.map(callsRow),
    "",
    "## What programs see\n",
    "Of progress, of errors (a call that is refused; an operation that failed), and of an operation that was cancelled.\n",
    row(["client", "version", "transport", "progress", "errors", "cancellation"]),
    row(["---", "---", "---", "---", "---", "---"]),
    ...facts.filter(({ progress, errors, cancellation }) => progress || errors || cancellation).map(shownRow),
    "",
  ].join("\n");
}

function callsRow({ client, version, transport, calls }: Facts): string {
  return row([client, version, transport, ...CALLS.map((call) => (calls.includes(call) ? "✓" : ""))]);
}

function shownRow(facts: Facts): string {
  const { client, version, transport, progress = "", errors = "", cancellation = "" } = facts;
  return row([client, version, transport, progress, errors, cancellation]);
}

function row(cells: readonly string[]): string {
  return `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`;
}
