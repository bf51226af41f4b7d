import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { countText } from "../format/number.ts";

const FOUND_MAX = 1_000;
const NAME = "found";

/**
 * Finds text in the displayed JSON. The browser paints the matches; the document does not change.
 */
export function Finder(props: {
  body: { readonly current: HTMLElement | null };
  text: string;
  isWhole: boolean;
}): JSX.Element {
  const wanted = useSignal("");
  const hits = useSignal<readonly Range[]>([]);
  const at = useSignal(0);
  useEffect(() => {
    hits.value = rangesOf(props.body.current, wanted.value);
    at.value = 0;
    paint(hits.value);
    return () => paint([]);
  }, [wanted.value, props.text, props.isWhole]);
  const next = (step: number): void => {
    const count = hits.value.length;
    if (count === 0) return;
    at.value = (at.value + step + count) % count;
    hits.value[at.value]?.startContainer.parentElement?.scrollIntoView({ block: "nearest" });
  };
  const count = hits.value.length;
  return (
    <span class="finder">
      <input
        type="search"
        aria-label="Find in the text"
        placeholder="Find"
        value={wanted.value}
        onInput={(event) => (wanted.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") next(event.shiftKey ? -1 : 1);
        }}
      />
      <span class="muted" role="status">
        {wanted.value === "" ? "" : hitsText(at.value, count, props.isWhole)}
      </span>
    </span>
  );
}

function hitsText(at: number, count: number, isWhole: boolean): string {
  const where = isWhole ? "" : " in the shown part";
  if (count === 0) return `None${where}`;
  return `${countText(at + 1)} of ${countText(count)}${count === FOUND_MAX ? "+" : ""}${where}`;
}

function rangesOf(body: HTMLElement | null, wanted: string): Range[] {
  const ranges: Range[] = [];
  if (body === null || wanted === "") return ranges;
  const needle = wanted.toLowerCase();
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null && ranges.length < FOUND_MAX; node = walker.nextNode()) {
    const text = (node.nodeValue ?? "").toLowerCase();
    for (
      let from = text.indexOf(needle);
      from !== -1 && ranges.length < FOUND_MAX;
      from = text.indexOf(needle, from + 1)
    ) {
      const range = new Range();
      range.setStart(node, from);
      range.setEnd(node, from + needle.length);
      ranges.push(range);
    }
  }
  return ranges;
}

/** Browsers without the CSS highlight API still find and scroll. */
function paint(ranges: readonly Range[]): void {
  if (!("highlights" in CSS)) return;
  if (ranges.length === 0) CSS.highlights.delete(NAME);
  else CSS.highlights.set(NAME, new Highlight(...ranges));
}
