import type { JSX } from "preact";
import { pathOf } from "../../api.ts";
import { countText } from "../../format/number.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { LockIcon } from "../../parts/icons.tsx";
import { Panel } from "../../parts/panel.tsx";
import { StateMark } from "../../parts/state-mark.tsx";
import { Time } from "../../parts/time.tsx";
import { usePolled } from "../../poll.ts";
import { href } from "../../route.ts";
import { session } from "../../state/session.ts";
import type { Failures, OperationRecord } from "../../wire.ts";

/**
 * The error that callers see, the reason why it was or was not retried, and the details for
 * operators only.
 */
export function WhyItFailed({ record }: { record: OperationRecord }): JSX.Element {
  const { row, error } = record;
  const cancelled = row?.state === "CANCELLED";
  const info = detailsOf(error?.details).find((detail) => detail.reason !== undefined);
  const sentences = [
    "What callers see.",
    info === undefined
      ? ""
      : `Reason ${info.reason}${info.domain === undefined ? "" : `, domain ${info.domain}`}.`,
    record.retried ?? "",
  ];
  return (
    <Panel
      title={cancelled ? "Why it was cancelled" : "Why it failed"}
      class={cancelled ? "" : "failure"}
      link={<SameFailures record={record} />}
    >
      <div class="why">
        <p>
          <StateMark state={row?.state ?? "FAILED"}>{row?.errorCode ?? ""}</StateMark>
        </p>
        <p>
          <b class="text">{error?.message}</b>
        </p>
        <p class="muted text">{sentences.filter((sentence) => sentence !== "").join(" ")}</p>
      </div>
      {!cancelled && <Exception text={record.exception} />}
    </Panel>
  );
}

/** For an operation that is not done or did not fail: its last failed attempt. */
export function WhatFailed({ record }: { record: OperationRecord }): JSX.Element | null {
  const last = record.attempts?.findLast(({ how }) => how === "failed" || how === "worker-lost");
  if (last === undefined || (record.exception ?? "") === "") return null;
  return (
    <Panel title={`Why attempt ${last.number} failed`} note={record.retried}>
      <Exception text={record.exception} />
    </Panel>
  );
}

function Exception({ text = "" }: { text: string | undefined }): JSX.Element | null {
  if (text === "") return null;
  return (
    <>
      <p class="lock">
        <LockIcon />
        Only operators see the following details; callers never do.
        <span class="grow" />
        <CopyButton short text={() => text} label="Copy the exception" />
      </p>
      <pre class="sunk exception" tabIndex={0} aria-label="Exception">
        <bdi>{text}</bdi>
      </pre>
    </>
  );
}

/** Finds the `ErrorInfo` among details of any type. */
function detailsOf(details: unknown): readonly { readonly reason?: string; readonly domain?: string }[] {
  return Array.isArray(details) ? details : [];
}

/** The number of similar failures, if failures are counted. */
function SameFailures({ record }: { record: OperationRecord }): JSX.Element | null {
  const key = record.failureKey ?? "";
  const method = record.row?.method ?? "";
  const path =
    key === "" || session.value?.statistics !== true
      ? undefined
      : pathOf("failures", { range: "7d", method });
  const failures = usePolled<Failures>(path, 0).data.value;
  const group = failures?.failures?.find((each) => each.key === key);
  if (group === undefined || (group.count ?? 0) < 2) return null;
  return (
    <a href={href("failures", { range: "7d", method, key })}>
      {countText(group.count ?? 0)} like this since <Time at={group.firstTime} precision="minutes" />
    </a>
  );
}
