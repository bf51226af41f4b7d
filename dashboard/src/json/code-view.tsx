import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { bytesText, countText } from "../format/number.ts";
import { CopyButton } from "../parts/copy.tsx";
import { wrapLines } from "../state/preferences.ts";
import { Finder } from "./finder.tsx";
import { type JsonLine, jsonLines, lineText } from "./lines.ts";

/** Larger texts are not coloured: pieces cost more than text. */
const COLOURED_MAX = 262_144;
const BLOCK_LINES = 200;
/** So many at first, and with each wish for more. */
const LINES_SHOWN = 1_000;
/** A line is shown so far at first: a browser lays a longer one out slowly. */
const LINE_MAX = 2_000;

const CLASSES = { key: "j-k", string: "j-s", other: "j-n", mark: undefined } as const;

/** JSON as it is kept, re-indented without being parsed; copies and downloads are the kept text itself. */
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

/** The first lines, in blocks, and whether that is all. */
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

/** Lines that the browser lays out when they come into view. */
function Block({ lines, coloured }: { lines: JsonLine[]; coloured: boolean }): JSX.Element {
  return (
    <span class="block" style={{ containIntrinsicBlockSize: `auto ${lines.length * 19.4}px` }}>
      {lines.map((line, index) => (
        <Line key={index} line={line} coloured={coloured} />
      ))}
    </span>
  );
}

/** Text of others cannot turn what stands around it: a line ends that, and within it a piece of a colour is set apart. */
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

/** The beginning of a long line, and more of it on demand. */
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

/** Gives the text to the browser as a file. */
function save(text: string, fileName: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKED_MS);
}
