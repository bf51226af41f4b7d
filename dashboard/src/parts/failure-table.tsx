import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { encodedName, readOnce } from "../api.ts";
import { countText } from "../format/number.ts";
import { shortId } from "../format/name.ts";
import { href, operationHref } from "../route.ts";
import { sentenceOf } from "../state/actions.ts";
import type { FailureGroup, OperationRecord } from "../wire.ts";
import type { Range } from "./ranges.tsx";
import { Spark } from "./spark.tsx";
import { Ago, Time } from "./time.tsx";

/** The operations of a group: operations of the same method that failed with the same code. */
function groupHref(group: FailureGroup): string {
  const code = group.code ?? "";
  const filter = `metadata.state = FAILED${code === "" ? "" : ` AND error.code = ${code}`}`;
  return href("operations", { view: "failed", method: group.method, filter });
}

/** Failures are counted per hour: with fewer buckets than this, a chart shows no shape. */
const HOURS_DRAWN = 6;

/** Groups of similar failures, most frequent first. */
export function FailureTable(props: {
  failures: readonly FailureGroup[];
  range: Range;
  /** Whether a row opens to show a sample; otherwise it links to the failures page. */
  open?: boolean;
  marked?: string;
}): JSX.Element {
  const drawn = props.failures.some(({ spark }) => (spark?.length ?? 0) >= HOURS_DRAWN);
  return (
    <div class="scroll">
      <table class="failures stackable">
        <thead>
          <tr>
            <th>What failed</th>
            <th>Method</th>
            <th class="num">Operations</th>
            {drawn && <th>By hour</th>}
            <th class="num">First</th>
            <th class="num">Last</th>
          </tr>
        </thead>
        <tbody>
          {props.failures.map((group) => (
            <Group
              key={group.key}
              group={group}
              range={props.range}
              open={props.open === true}
              drawn={drawn}
              isMarked={group.key !== undefined && group.key === props.marked}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Group(props: {
  group: FailureGroup;
  range: Range;
  open: boolean;
  drawn: boolean;
  isMarked: boolean;
}): JSX.Element {
  const { group, range } = props;
  const shown = useSignal(props.isMarked);
  const counts = group.spark ?? [];
  const recent = counts.slice(-Math.max(1, Math.ceil(counts.length / 6)));
  const isRising = counts.length > 3 && sum(recent) > sum(counts) / 2;
  const title = (
    <>
      <strong>{group.code}</strong> {group.reason !== "" && <span class="muted">{group.reason}</span>}
      <span class="sub text">{group.text}</span>
    </>
  );
  return (
    <>
      <tr class={props.isMarked ? "focus" : ""}>
        <td class="wide">
          {props.open ? (
            <button
              class="fold"
              type="button"
              aria-expanded={shown.value}
              onClick={() => (shown.value = !shown.value)}
            >
              {title}
            </button>
          ) : (
            <a href={href("failures", { range: range.value, key: group.key, method: group.method })}>
              {title}
            </a>
          )}
        </td>
        <td>{group.method}</td>
        <td class="num end">
          <a href={groupHref(group)}>
            <strong>{countText(group.count ?? 0)}</strong>
            <span class="vh"> operations</span>
          </a>
        </td>
        {props.drawn && (
          <td class="hide">
            <Spark counts={counts} bad={isRising} />
          </td>
        )}
        <td class="num nowrap" data-label="Since">
          <Time at={group.firstTime} precision="minutes" />
        </td>
        <td class="num nowrap end">
          <Ago at={group.lastTime} />
        </td>
      </tr>
      {props.open && shown.value && (
        <tr class="unfolded">
          <td colSpan={props.drawn ? 6 : 5} class="wide">
            <Sample group={group} />
          </td>
        </tr>
      )}
    </>
  );
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** One operation of a group, with the details for operators only. */
function Sample({ group }: { group: FailureGroup }): JSX.Element {
  const record = useSignal<OperationRecord | undefined>(undefined);
  const problem = useSignal("");
  const asked = useSignal(false);
  const name = group.sample ?? "";
  if (!asked.value && name !== "") {
    asked.value = true;
    readOnce<OperationRecord>(encodedName(name)).then(
      (answer) => (record.value = answer),
      (error: unknown) => (problem.value = sentenceOf(error)),
    );
  }
  const exception = record.value?.exception ?? record.value?.error?.message ?? "";
  return (
    <div class="sample">
      <p>
        <a class="link" href={groupHref(group)}>
          Show its operations
        </a>
        {name !== "" && (
          <>
            {" · "}one of them:{" "}
            <a class="link mono" href={operationHref(name)}>
              {shortId(name)}
            </a>
          </>
        )}
      </p>
      {problem.value !== "" && <p class="muted">{problem.value}</p>}
      {exception !== "" && (
        <pre tabIndex={0} aria-label="Exception of one of these operations">
          <bdi>{exception}</bdi>
        </pre>
      )}
    </div>
  );
}
