import type { JSX } from "preact";
import { agoText, durationText } from "../format/duration.ts";
import { instantOf, type Precision, timeText, titleText } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { zone } from "../state/preferences.ts";

/** A time in the page's zone, and in UTC on hover; a dash if there is none. */
export function Time(props: { at: string | undefined; precision?: Precision }): JSX.Element {
  const at = instantOf(props.at);
  if (at === undefined) return <span class="muted">–</span>;
  return (
    <time dateTime={props.at ?? ""} title={titleText(at)}>
      {timeText(at, now.value, zone.value, props.precision)}
    </time>
  );
}

/** The time since an instant; it keeps counting. */
export function Ago({ at }: { at: string | undefined }): JSX.Element {
  const instant = instantOf(at);
  if (instant === undefined) return <span class="muted">–</span>;
  return (
    <time dateTime={at ?? ""} title={titleText(instant)}>
      {agoText(now.value - instant)}
    </time>
  );
}

/** A duration that is not over; it keeps counting. */
export function Elapsed({ since }: { since: number }): JSX.Element {
  return <>{durationText(Math.max(0, Math.floor((now.value - since) / 1_000) * 1_000))}</>;
}
