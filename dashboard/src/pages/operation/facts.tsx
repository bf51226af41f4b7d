import type { ComponentChildren, JSX } from "preact";
import { durationText } from "../../format/duration.ts";
import { instantOf } from "../../format/time.ts";
import { nameParts, shortId } from "../../format/name.ts";
import { Panel } from "../../parts/panel.tsx";
import { isDone } from "../../parts/state-mark.tsx";
import { Time } from "../../parts/time.tsx";
import { href, operationHref } from "../../route.ts";
import type { OperationRecord } from "../../wire.ts";
import { keyHref } from "../operations/question.ts";

/** All other known facts. */
export function Facts({ record }: { record: OperationRecord }): JSX.Element {
  const row = record.row ?? {};
  return (
    <Panel title="Facts">
      <dl class="facts">
        <Instant title="Created" at={row.createTime} />
        <Instant title="Began" at={row.startTime} after={row.createTime} />
        <Instant title="Ended" at={row.endTime} />
        <Instant title="Kept until" at={record.expireTime} minutes />
        <Fact title="Priority">{row.priority ?? 0}</Fact>
        <Key record={record} />
        <Fact title="Request id" mono>
          {record.requestId}
        </Fact>
        <Fact title="Target">{row.target}</Fact>
        <Fact title="Started by">{[record.principal, record.tenant].filter(Boolean).join(", ")}</Fact>
        <AgainOf record={record} />
        <Instant title="Deadline" at={record.deadlineTime} none="None" />
        <Instant title="Cancellation" at={record.cancelTime} none="Not requested" />
        <Worker record={record} />
        <Fact title="Trace" mono>
          {record.traceId}
        </Fact>
        <Fact title="Revision">{record.revision ?? 0}</Fact>
      </dl>
    </Panel>
  );
}

function Fact(props: { title: string; mono?: boolean; children: ComponentChildren }): JSX.Element | null {
  if (props.children === undefined || props.children === "") return null;
  return (
    <>
      <dt>{props.title}</dt>
      <dd class={props.mono === true ? "mono text" : "text"}>{props.children}</dd>
    </>
  );
}

function Instant(props: {
  title: string;
  at: string | undefined;
  after?: string | undefined;
  minutes?: boolean;
  none?: string;
}): JSX.Element | null {
  const at = instantOf(props.at);
  if (at === undefined && props.none === undefined) return null;
  const before = instantOf(props.after);
  return (
    <Fact title={props.title}>
      {at === undefined ? (
        <span class="muted">{props.none}</span>
      ) : (
        <Time at={props.at} precision={props.minutes === true ? "minutes" : "milliseconds"} />
      )}
      {at !== undefined && before !== undefined && (
        <span class="muted"> after {durationText(at - before)}</span>
      )}
    </Fact>
  );
}

/** Links to the operation that holds the key, if this operation is not done. */
function Key({ record }: { record: OperationRecord }): JSX.Element | null {
  const { key = "", method = "", state } = record.row ?? {};
  if (key === "") return null;
  return (
    <Fact title="Key">
      {isDone(state) ? (
        key
      ) : (
        <a class="link" href={keyHref(method, key)}>
          {key}
        </a>
      )}
    </Fact>
  );
}

function AgainOf({ record }: { record: OperationRecord }): JSX.Element | null {
  const again = record.againOf ?? "";
  if (again === "") return null;
  const { parent } = nameParts(record.row?.name ?? "");
  const name = again.includes("operations/")
    ? again
    : `${parent === "" ? "" : `${parent}/`}operations/${again}`;
  return (
    <Fact title="Started again from">
      <a href={operationHref(name)}>{shortId(name)}</a>
    </Fact>
  );
}

function Worker({ record }: { record: OperationRecord }): JSX.Element | null {
  const worker = record.row?.worker ?? "";
  if (worker === "" || record.row?.state !== "RUNNING") return null;
  return (
    <Fact title="Worker" mono>
      <a href={href("workers", { worker })}>{worker}</a>
    </Fact>
  );
}
