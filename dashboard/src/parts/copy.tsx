import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { announce } from "../state/notices.ts";
import { CopyIcon } from "./icons.tsx";

/**
 * Copies a text exactly as it is. Without the clipboard API, as on plain HTTP, uses `execCommand`.
 */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "vh";
  const before = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}

const SAID_MS = 1_500;

export function CopyButton(props: { text: () => string; label: string; short?: boolean }): JSX.Element {
  const said = useSignal("");
  const copy = async (): Promise<void> => {
    const copied = await copyText(props.text());
    said.value = copied ? "Copied" : "Not copied";
    announce(`${said.value}.`);
    setTimeout(() => (said.value = ""), SAID_MS);
  };
  const title = said.value === "" ? props.label : said.value;
  if (props.short === true) {
    return (
      <button
        class="copy-short"
        type="button"
        aria-label={props.label}
        title={title}
        onClick={() => void copy()}
      >
        <CopyIcon />
        {said.value !== "" && <span class="copied">{said.value}</span>}
      </button>
    );
  }
  return (
    <button class="button quiet" type="button" aria-label={props.label} onClick={() => void copy()}>
      <CopyIcon />
      {said.value === "" ? "Copy" : said.value}
    </button>
  );
}

/** A command on one line, with a button that copies the whole command. */
export function CopyLine({ text }: { text: string }): JSX.Element {
  return (
    <div>
      <code title={text}>{text}</code>
      <CopyButton short text={() => text} label={`Copy ${text}`} />
    </div>
  );
}
