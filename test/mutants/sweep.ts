import { stripTypeScriptTypes } from "node:module";
import { piecesOf } from "../support/source.ts";
import type { Mutant } from "./mutant.ts";

/** Mechanical changes of code, each tried at every place where it fits. */
const CHANGES: readonly (readonly [RegExp, string])[] = [
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ \?\? /g, " && "],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/\bawait /g, ""],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/\bMath\.min\b/g, "Math.max"],
  [/\bMath\.max\b/g, "Math.min"],
  [/\.every\(/g, ".some("],
  [/\.some\(/g, ".every("],
  [/\bif \((?=.*\) (?:return|throw|continue|break)\b)/g, "if (false && "],
  [/(?<=\n {2,})(?:await |void )?[\w.#?]+\([^;{}\n]*\);(?=\n)/g, ";"],
  [/(?<=\n {2,})[\w.#]+ [-+]?= [^;{}\n]*;(?=\n)/g, ";"],
  [/(?<=[-+*/([=] ?)\b1\b(?=[);,\]])/g, "2"],
];

/** Every change of a source that is still TypeScript afterwards, as a mutant of the whole text. */
export function sweepOf(file: string, text: string): readonly Mutant[] {
  const isCode = codeMap(text);
  const mutants = CHANGES.flatMap(([pattern, replace]) =>
    [...text.matchAll(pattern)]
      .filter(({ index }) => isCode[index])
      .map((match) => mutantOf({ file, text, at: match.index, found: match[0], replace })),
  );
  return mutants.filter(({ replace }) => isTypeScript(replace));
}

function mutantOf(change: {
  file: string;
  text: string;
  at: number;
  found: string;
  replace: string;
}): Mutant {
  const { file, text, at, found, replace } = change;
  const line = text.slice(0, at).split("\n").length;
  const told = text.split("\n")[line - 1]?.trim() ?? "";
  return {
    id: `${file.split("/").at(-1)}:${line}`,
    file,
    find: text,
    replace: text.slice(0, at) + replace + text.slice(at + found.length),
    fault: `"${found.trim()}" becomes "${replace.trim()}" in ${told}`,
  };
}

/** For each character, whether it is code, and neither comment nor text. */
function codeMap(text: string): boolean[] {
  const map: boolean[] = [];
  let at = 0;
  for (const { kind, text: piece } of piecesOf(text)) {
    at = text.indexOf(piece, at);
    for (let index = at; index < at + piece.length; index++) map[index] = kind === "code";
    at += piece.length;
  }
  return map;
}

function isTypeScript(text: string): boolean {
  try {
    stripTypeScriptTypes(text);
    return true;
  } catch {
    return false;
  }
}
