import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { pageOf } from "../bench/report/page.ts";
import type { BenchResult } from "../bench/report/result.ts";
import { OWN_OPTIONS } from "../src/assembly/options.ts";
import { loadAll } from "../src/cli/command.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import { allHelpMarkdown } from "../src/cli/help.ts";
import { settingsMarkdown } from "../src/config/display.ts";
import { SETTINGS } from "../src/config/settings.ts";
import { FIELDS } from "../src/core/event-fields.ts";
import { EVENT_NAMES, EVENTS } from "../src/core/events.ts";
import { LIMITS } from "../src/core/limits.ts";
import { type Reason, REASONS } from "../src/core/error/error.ts";
import type { Operation, State } from "../src/core/operation/operation.ts";
import { EMPTY } from "../src/core/operation/payload.ts";
import { type Event, ownFailure, transition } from "../src/core/operation/transition.ts";
import { parseDurationMs } from "../src/core/value/duration.ts";
import { expositionName } from "../src/telemetry/exposition.ts";
import { LABELS, METRIC_ROWS, METRICS } from "../src/telemetry/metrics.ts";
import { anOperation } from "../src/testing/an-operation.ts";
import { type ClientResults, pageOf as clientsPageOf } from "./clients/report/page.ts";

function page(name: string): string {
  return readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8");
}

/** The cells of a table of a page, its header left out. */
function tableOf(name: string, index = 0): string[][] {
  const lines = page(name).split("\n");
  const heads = [...lines.keys()].filter((line) => lines[line]?.startsWith("| --- "));
  const rows = lines.slice((heads[index] ?? lines.length) + 1);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return rows.slice(0, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Every outcome of each event in each state, over the differences that matter to transition(). */
function outcomes(): Map<string, Set<State>> {
  const now = anOperation().createTime;
  const failure = { attempt: 1, now, error: ownFailure("HANDLER_FAILED", "no", { domain: "d" }) };
  const events: Event[] = [
    { type: "claim", now, worker: "w", leaseTime: now + 1 },
    { type: "renew", now, attempt: 1, leaseTime: now + 1 },
    { type: "report", now, attempt: 1, leaseTime: now + 1, metadata: EMPTY },
    { type: "complete", now, attempt: 1, response: EMPTY },
    { type: "fail", ...failure, exception: "boom", retryTime: now },
    { type: "fail", ...failure, exception: null, retryTime: null },
    { type: "release", now, attempt: 1 },
    { type: "expire", now: now + 1, retryTime: now + 1 },
    { type: "unblock" },
    { type: "cancel", now },
    { type: "deadline", now },
  ];
  const found = new Map<string, Set<State>>();
  for (const before of samples(now)) {
    for (const event of events) {
      const { next } = transition(before, event);
      if (next === undefined) continue;
      const key = `${before.state} ${event.type}`;
      found.set(key, (found.get(key) ?? new Set()).add(next.state));
    }
  }
  return found;
}

function samples(now: number): Operation[] {
  const lease = { state: "RUNNING", attempt: 1, leaseTime: now + 1, worker: "w" } as const;
  return [1, 3].flatMap((attemptsMax) =>
    [null, now].flatMap((deadlineTime) => [
      anOperation({ attemptsMax, deadlineTime }),
      anOperation({ attemptsMax, deadlineTime, blocked: true, parallelKey: "" }),
      anOperation({ ...lease, attemptsMax, deadlineTime }),
      anOperation({ ...lease, attemptsMax, deadlineTime, cancelTime: now }),
      anOperation({ state: "SUCCEEDED", endTime: now, response: EMPTY }),
    ]),
  );
}

describe("docs/states.md", () => {
  it("has a row for every change that transition() makes, and no other", () => {
    const documented = tableOf("states.md")
      .filter(([from]) => from !== "–")
      .map(([from, event, to]) => [`${from} ${event}`, String(to).split(", ").toSorted().join(", ")]);
    const real = [...outcomes()].map(([key, states]) => [key, [...states].toSorted().join(", ")]);
    assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(real));
  });
});

describe("docs/errors.md", () => {
  it("has every reason with its code and meaning, and no other", () => {
    const documented = tableOf("errors.md").map(([reason, code, text]) => [
      reason?.replaceAll("`", ""),
      [code, text],
    ]);
    assert.deepEqual(Object.fromEntries(documented), REASONS);
  });
});

/** A limit as docs/limits.md shows it: its unit is in its name. */
function figureOf(name: string, value: number): string {
  const units: readonly (readonly [string, number])[] = name.includes("Bytes")
    ? [
        ["MiB", 1_048_576],
        ["KiB", 1_024],
        ["bytes", 1],
      ]
    : /Ms(?:[A-Z]|$)/.test(name)
      ? [
          ["d", 86_400_000],
          ["h", 3_600_000],
          ["min", 60_000],
          ["s", 1_000],
          ["ms", 1],
        ]
      : [];
  const [unit, size] = units.find(([, each]) => value % each === 0) ?? ["", 1];
  return `${(value / size).toLocaleString("en-US")} ${unit}`.trim();
}

describe("docs/limits.md", () => {
  const limits: Readonly<Record<string, number>> = LIMITS;
  const settings: Readonly<Record<string, object>> = SETTINGS;
  const rows = tableOf("limits.md").map(
    ([what = "", name = "", least = "", most = "", by = "", above = ""]) => {
      const names = Array.from(name.matchAll(/`(\w+)`/g), ([, each = ""]) => each);
      return { what, names, figures: [least, most].filter((each) => each !== "–"), by, above };
    },
  );

  it("has the values of the code and of the settings", () => {
    for (const { what, names, figures, by } of rows) {
      const { max } = (settings[by.replaceAll("`", "")] ?? {}) as { readonly max?: number | string };
      const ofSetting =
        typeof max === "string" ? figureOf("Ms", parseDurationMs(max) ?? 0) : max?.toLocaleString("en-US");
      const real = names.map((name) =>
        figureOf(name, limits[name] ?? assert.fail(`There is no limit ${name}`)),
      );
      assert.deepEqual(figures, ofSetting === undefined ? real : [...real, ofSetting], what);
    }
  });

  it("has reasons with their codes, and every reason that concerns a limit", () => {
    const shown = rows.flatMap(({ above }) => Array.from(above.matchAll(/([A-Z_]+) `([A-Z_]+)`/g)));
    for (const [, code, reason = ""] of shown) assert.equal(REASONS[reason as Reason]?.[0], code, reason);
    const told = new Set(shown.map(([, , reason]) => reason));
    const wanted = Object.entries(REASONS).filter(
      ([reason, [code]]) => code === "RESOURCE_EXHAUSTED" || reason.includes("TOO_"),
    );
    assert.deepEqual(
      wanted.map(([reason]) => reason).filter((reason) => !told.has(reason)),
      [],
    );
  });
});

describe("docs/events.md", () => {
  it("has every event with its level, sentence and fields, and no other", () => {
    const real = EVENT_NAMES.map((name) => {
      const { level = "–", sentence, fields } = EVENTS[name];
      return [`\`${name}\``, level, sentence, fields.map((field) => `\`${field}\``).join(" ")];
    });
    assert.deepEqual(tableOf("events.md"), real);
  });

  it("has every field with its type and meaning, and no other", () => {
    const types = { text: "text", texts: "list of texts", number: "number", unknown: "error" };
    const real = Object.entries(FIELDS).map(([name, [kind, meaning]]) => [
      `\`${name}\``,
      types[kind],
      meaning,
    ]);
    assert.deepEqual(tableOf("events.md", 1), real);
  });
});

describe("docs/metrics.md", () => {
  const METRICS_PAGE = page("metrics.md");

  it("has every metric with its names, kind, unit, labels and meaning, and no other", () => {
    const real = METRIC_ROWS.map(([name, metric]) => [
      `\`${name}\``,
      `\`${expositionName(name, metric)}\``,
      metric.kind,
      metric.unit,
      metric.labels.map((label) => `\`${label.replaceAll(".", "_")}\``).join(" "),
      metric.help,
    ]);
    assert.deepEqual(tableOf("metrics.md"), real);
  });

  it("has every label with its values, and no other", () => {
    assert.deepEqual(
      tableOf("metrics.md", 1),
      Object.entries(LABELS).map(([label, values]) => [`\`${label}\``, values]),
    );
  });

  it("uses only existing metrics in its queries, and the actual buckets", () => {
    const names = new Set(METRIC_ROWS.map(([name, metric]) => expositionName(name, metric)));
    const shown = METRICS_PAGE.match(/\blongrunning_[a-z_]+/g) ?? [];
    assert.deepEqual(
      shown.filter((name) => !names.has(name.replace(/_bucket$/, ""))),
      [],
    );
    for (const name of ["longrunning.attempt.wait", "http.server.request.duration"] as const)
      assert.ok(METRICS_PAGE.includes(`: ${METRICS[name].buckets.join(" ")} s.`), name);
  });
});

describe("docs/configuration.md", () => {
  it("has the table of settings of the code", () => {
    assert.ok(page("configuration.md").endsWith(settingsMarkdown()));
  });

  it("names the options that are not settings, with the reason", () => {
    const documented = tableOf("configuration.md").map(([option, reason]) => [option, reason]);
    const real = Object.entries(OWN_OPTIONS).map(([name, { reason }]) => [`\`${name}\``, reason]);
    assert.deepEqual(documented, real);
  });
});

describe("docs/cli.md", () => {
  it("is the output of --help", async () =>
    assert.equal(page("cli.md"), allHelpMarkdown(await loadAll(COMMANDS))));
});

describe("docs/performance.md", () => {
  it("is made from the last whole run of the benchmark", () => {
    const latest = readFileSync(new URL("../bench/results/latest.json", import.meta.url), "utf8");
    assert.equal(page("performance.md"), pageOf(JSON.parse(latest) as BenchResult));
  });
});

describe("docs/clients.md", () => {
  it("is made from the last run of all client tests", () => {
    const results = readFileSync(new URL("./clients/report/results.json", import.meta.url), "utf8");
    assert.equal(page("clients.md"), clientsPageOf(JSON.parse(results) as ClientResults));
  });
});

describe("docs/proto-methods.md", () => {
  it("shows code that is tested with Google's clients", () => {
    const example = readFileSync(new URL("./clients/cloud-handlers.ts", import.meta.url), "utf8");
    // test/clients/proto-page.npm.test.ts runs the code that has a file.
    const shown = [...page("proto-methods.md").matchAll(/^```ts\n(?!\/\/ \w+\.ts$)(.*?)^```/gms)].map(
      ([, code = ""]) => code,
    );
    assert.equal(shown.length, 1);
    for (const code of shown) assert.ok(example.includes(code), code);
  });
});
