import type { JSX } from "preact";
import { nameParts, shortId } from "../../format/name.ts";
import { durationText } from "../../format/duration.ts";
import { instantOf } from "../../format/time.ts";
import { isDone, StateMark } from "../../parts/state-mark.tsx";
import { Elapsed, Time } from "../../parts/time.tsx";
import { operationHref } from "../../route.ts";
import type { MethodState, OperationRow } from "../../wire.ts";
import type { ShownRow } from "./rows.ts";
import { WhatHappened } from "./what-happened.tsx";

/** One operation of a list. Its link has the keyboard focus; the row shows the focus. */
export function Row(props: {
  shown: ShownRow;
  method: MethodState | undefined;
  /** Undefined if no action on operations is allowed. */
  select: ((range: boolean) => void) | undefined;
  selected: boolean;
  ended: boolean;
  open: () => void;
}): JSX.Element {
  const { row, gone } = props.shown;
  const name = row.name ?? "";
  const label = `${row.method ?? ""} ${shortId(name)}`;
  return (
    <tr class={gone ? "gone" : ""} title={gone ? "No longer matches" : undefined}>
      {props.select !== undefined && (
        <td class="hide">
          <input
            type="checkbox"
            aria-label={`Select ${label}`}
            checked={props.selected}
            onClick={(event) => props.select?.(event.shiftKey)}
          />
        </td>
      )}
      <td class="is">
        <StateMark state={row.state ?? ""}>{row.state === "DELETED" ? "Deleted" : undefined}</StateMark>
      </td>
      <td class="which end">
        <a class="row-link" href={operationHref(name)} data-name={name} onClick={props.open}>
          <strong>{row.method}</strong> <span class="id mono">{shortId(name)}</span>
        </a>
      </td>
      <td class="muted hide collection">
        <span class="clip" title={nameParts(name).parent}>
          {nameParts(name).parent || "–"}
        </span>
      </td>
      <td class="what wide">
        <WhatHappened row={row} method={props.method} />
      </td>
      <td class="num nowrap" data-label="Attempt">
        {(row.attempt ?? 0) === 0 ? (
          <span class="muted">–</span>
        ) : (
          `${row.attempt} of ${row.attemptsMax ?? row.attempt}`
        )}
      </td>
      <td class="num nowrap hide">
        <Took row={row} />
      </td>
      <td class="num nowrap end">
        <Time at={props.ended ? (row.endTime ?? row.createTime) : row.createTime} />
      </td>
    </tr>
  );
}

/** From the first attempt to the end; for a running operation the time keeps counting. */
function Took({ row }: { row: OperationRow }): JSX.Element {
  const began = instantOf(row.startTime) ?? instantOf(row.createTime);
  const ended = instantOf(row.endTime);
  if (began === undefined || row.state === "PENDING") return <span class="muted">–</span>;
  if (!isDone(row.state)) return <Elapsed since={began} />;
  return <>{ended === undefined ? "–" : durationText(ended - began)}</>;
}
