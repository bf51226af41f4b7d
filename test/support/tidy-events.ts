import { codeOf } from "./source.ts";
import { isSource, sourceRule, type TidyCase, type TidyRule } from "./tidy-rules.ts";

const logHasOneDoor = sourceRule((file) => {
  if (file.path === "src/core/event-log.ts") return undefined;
  const found = /\blog\??\.(?:debug|info|warn|error)\b|\bconsole\.\w+/i.exec(codeOf(file.text));
  return (
    found && `${file.path}: ${found[0]} writes to the log; add an event to src/core/events.ts and tell it`
  );
});

const everyEventIsTold: TidyRule = (files) => {
  const table = files.find((file) => file.path === "src/core/events.ts")?.text ?? "";
  const told = files.filter((file) => isSource(file) && file.path !== "src/core/events.ts");
  const names = [...table.matchAll(/^ {2}"([a-z]+\.[a-z-]+)":/gm)].map(([, name = ""]) => name);
  return names
    .filter((name) => !told.some((file) => file.text.includes(`"${name}"`)))
    .map((name) => `src/core/events.ts: nothing tells "${name}"; tell it or take it out`);
};

/** The rules about events and the log, each with files that break it. */
export const EVENT_CASES: readonly TidyCase[] = [
  {
    sentence: "only core/event-log.ts writes to a log",
    rule: logHasOneDoor,
    refused: {
      "src/engine/a.ts": 'log.warn("too late");\n',
      "src/store/b.ts": 'this.#parts.log?.error("gone", { error });\n',
      "src/worker/c.ts": 'this.#log.info("begun");\n',
      "src/server/d.ts": "const write = options.log.debug;\n",
      "src/cli/e.ts": 'console.error("no");\n',
    },
    accepted: {
      "src/core/event-log.ts": "log.info(message);\n",
      "src/cli/log/log.ts": "// log.info is for events\nlog.flush();\n",
      "src/engine/a.test.ts": 'log.info("a line");\n',
    },
  },
  {
    sentence: "every event of the table is told somewhere",
    rule: everyEventIsTold,
    refused: {
      "src/core/events.ts": 'export const EVENTS = {\n  "store.lost": error("gone"),\n};\n',
    },
    accepted: {
      "src/core/events.ts":
        'export const EVENTS = {\n  "store.lost": error("gone"),\n  "a.b-c": quiet("B."),\n};\n',
      "src/store/a.ts": 'tell["store.lost"]?.({});\n',
      "src/cli/b.ts": 'const NAMES = { b: "a.b-c" } as const;\n',
    },
  },
];
