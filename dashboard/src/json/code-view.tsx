import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { bytesText, countText } from "../format/number.ts";
import { CopyButton } from "../parts/copy.tsx";
import { wrapLines } from "../state/preferences.ts";
import { Finder } from "./finder.tsx";
import { type JsonLine, jsonLines, lineText } from "./lines.ts";

/** Larger texts are not coloured: coloured pieces cost much more than plain text. */
const COLOURED_MAX = 262_144;
const BLOCK_LINES = 200;
/** Lines that are shown at first, and lines that each press of "Show more lines" adds. */
const LINES_SHOWN = 1_000;
/** Characters of a line that are shown at first: browsers lay out longer lines slowly. */
const LINE_MAX = 2_000;

const CLASSES = { key: "j-k", string: "j-s", other: "j-n", mark: undefined } as const;

/**
 * Shows stored JSON, indented again without being parsed. Copies and downloads are the stored text
 * itself.
 */
export function CodeView(props: { json: string; fileName: string }): JSX.Element {
  const { json } = props;
  const shown = useSignal(LINES_SHOWN);
  const { blocks, isWhole } = useMemo(() => blocksOf(json, shown.value), [json, shown.value]);
  const coloured = json.length <= COLOURED_MAX;
  const body = useRef<HTMLPreElement>(null);
  return (
    <>
      <div class="code-tools">
        <Finder body={body} text={json} isWhole={isWhole} />
        <label class="option">
          <input
            type="checkbox"
            checked={wrapLines.value}
            onChange={(event) => (wrapLines.value = event.currentTarget.checked)}
          />
          Wrap
        </label>
        <span class="grow" />
        <span class="muted">{bytesText(new Blob([json]).size)}</span>
        <button class="button quiet" type="button" onClick={() => save(json, props.fileName)}>
          Download
        </button>
        <CopyButton text={() => json} label="Copy the text" />
      </div>
      <pre class={`code ${wrapLines.value ? "wrap" : ""}`} tabIndex={0} ref={body} aria-label="JSON">
        {blocks.map((block, index) => (
          <Block key={index} lines={block} coloured={coloured} />
        ))}
        {!isWhole && (
          <button class="link more" type="button" onClick={() => (shown.value += LINES_SHOWN)}>
            … Show more lines
          </button>
        )}
      </pre>
    </>
  );
}

/** The first lines, in blocks, and whether these are all lines. */
function blocksOf(json: string, lines: number): { readonly blocks: JsonLine[][]; readonly isWhole: boolean } {
  const blocks: JsonLine[][] = [];
  let count = 0;
  for (const line of jsonLines(json)) {
    if (count === lines) return { blocks, isWhole: false };
    if (count++ % BLOCK_LINES === 0) blocks.push([]);
    blocks.at(-1)?.push(line);
  }
  return { blocks, isWhole: true };
}

/** Lines that the browser lays out only when they come into view. */
function Block({ lines, coloured }: { lines: JsonLine[]; coloured: boolean }): JSX.Element {
  return (
    <span class="block" style={{ containIntrinsicBlockSize: `auto ${lines.length * 19.4}px` }}>
      {lines.map((line, index) => (
        <Line key={index} line={line} coloured={coloured} />
      ))}
    </span>
  );
}

/**
 * A line of text that others wrote. Its direction (such as right-to-left) must not affect the text
 * around it: the end of the line isolates it, and within a line a `bdi` element isolates each
 * coloured piece.
 */
function Line({ line, coloured }: { line: JsonLine; coloured: boolean }): JSX.Element {
  const text = lineText(line);
  if (text.length > LINE_MAX) return <LongLine text={text} />;
  if (!coloured) return <>{`${text}\n`}</>;
  return (
    <>
      {line.map((piece, index) =>
        piece.kind === "mark" ? (
          piece.text
        ) : (
          <bdi key={index} class={CLASSES[piece.kind]}>
            {piece.text}
          </bdi>
        ),
      )}
      {"\n"}
    </>
  );
}

/** The beginning of a long line, and a button that shows more of it. */
function LongLine({ text }: { text: string }): JSX.Element {
  const shown = useSignal(LINE_MAX);
  const rest = text.length - shown.value;
  return (
    <bdi>
      {text.slice(0, shown.value)}
      {rest > 0 && (
        <button class="link more" type="button" onClick={() => (shown.value += 10 * LINE_MAX)}>
          … {countText(rest)} more characters
        </button>
      )}
      {"\n"}
    </bdi>
  );
}

const REVOKED_MS = 60_000;

/** Offers the text to the browser as a file. */
function save(text: string, fileName: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKED_MS);
}
