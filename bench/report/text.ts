import { type Check, isReached } from "../measure.ts";
import type { MeasuredResult } from "./result.ts";

/** What a measure found, for a terminal. */
export function textOf({ title, finding, failure, seconds }: MeasuredResult): string {
  const lines = [`\n${title}  (${seconds.toFixed(0)} s)`];
  if (failure !== undefined) return [...lines, `  FAILED   ${failure}`].join("\n");
  for (const [name, value] of Object.entries(finding?.figures ?? {}))
    lines.push(`  ${name.padEnd(44)}${figure(value).padStart(12)}`);
  for (const check of finding?.checks ?? []) {
    const verdict = isReached(check) ? "reached" : "MISSED ";
    lines.push(
      `  ${verdict}  ${check.what.padEnd(35)}${figure(check.value).padStart(12)}   ${limitOf(check)}`,
    );
  }
  for (const note of finding?.notes ?? []) lines.push(`  ${note}`);
  return lines.join("\n");
}

/** A number with as many digits as mean something. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    maximumFractionDigits: digits,
    minimumFractionDigits: Number.isInteger(value) ? 0 : digits,
  });
}

/** Prose in lines of at most 130 characters. @param indent precedes every line but the first */
export function wrapped(text: string, indent = ""): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "" || line.length + 1 + word.length > 130) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.slice(1).join("\n").slice(indent.length);
}

/** Such as `at most 1.2`. */
export function limitOf({ rule, limit }: Check): string {
  return `${rule} ${figure(limit)}`;
}
