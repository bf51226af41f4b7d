import { posix } from "node:path";
import type { SourceFile } from "./source.ts";
import type { TidyRule } from "./tidy-rules.ts";

const LINES_MAX = 300;
/** Names that say nothing about their contents. */
const EMPTY_NAME = /^(?:utils?|helpers?|common|lib|types?|manager|base|misc|shared)$/i;
/** Generated texts. */
const NOT_OURS = new Set(["package-lock.json", "LICENSE"]);
const isDocument = (file: SourceFile): boolean => file.path.endsWith(".md");

/** Makes a rule from a pattern that no file of ours may contain. */
function refusal(pattern: RegExp, advice: string): TidyRule {
  return (files) =>
    files.flatMap((file) => {
      const found = NOT_OURS.has(file.path) ? null : pattern.exec(file.text);
      return found ? [`${file.path}: "${found[0].trim()}": ${advice}`] : [];
    });
}

export const filesStayShort: TidyRule = (files) =>
  files.flatMap((file) => {
    const lines = file.text.split("\n").length - (file.text.endsWith("\n") ? 1 : 0);
    const counted = /\.(?:[cm]?[jt]s|css|html|sql|proto|sh)$/.test(file.path);
    if (!counted || lines <= LINES_MAX) return [];
    return [
      `${file.path}: has ${lines} lines, ${LINES_MAX} at most; find the second thing in it and give it a file`,
    ];
  });

export const nothingIsLeftToDo = refusal(
  /\b(?:TO[D]O|FIX[M]E|XX[X])\b/,
  "do it, or say in prose what is missing",
);

export const namesSaySomething: TidyRule = (files) =>
  files.flatMap((file) => {
    const name = file.path.split("/").find((part) => EMPTY_NAME.test(part.replace(/\..*$/, "") || part));
    return name === undefined
      ? []
      : [`${file.path}: "${name}" could hold anything; name it after what it holds`];
  });

/** Links to files of this repository. Links inside code are examples. */
export const linksResolve: TidyRule = (files) => {
  const paths = new Set(files.flatMap((file) => withFolders(file.path)));
  return files.filter(isDocument).flatMap((file) => {
    const prose = file.text.replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");
    const targets = [...prose.matchAll(/\]\(<?([^)\s>]+)|^\[[^\]]+\]:\s*(\S+)/gm)].map(
      (m) => m[1] ?? m[2] ?? "",
    );
    return targets.flatMap((target) => {
      const path = decodeURIComponent(target.replace(/[#?].*$/, ""));
      if (path === "" || /^[a-z][a-z+.-]*:/i.test(path)) return [];
      const resolved = posix.join(posix.dirname(file.path), path).replace(/\/$/, "");
      return paths.has(resolved) ? [] : [`${file.path}: nothing is at "${target}"; correct the link`];
    });
  });
};

export const documentsNameSymbols: TidyRule = (files) =>
  refusal(
    /[\w-]+\.(?:[cm]?[jt]s|sql|md|proto|json):\d+|\blines? \d+|#L\d+/i,
    "line numbers move; name the symbol or the section",
  )(files.filter(isDocument));

export const hostsOfRegistriesStayOut = refusal(
  /registry\.npm[j]s|deb\.debia[n]|npmmirro[r]\./,
  "name the package and leave the host to the reader's own settings",
);

export const machinePathsStayOut = refusal(
  /(?<![\w.~)}\]*-])\/(?:wor[k]|roo[t]|hom[e]\/\w+|User[s]\/\w+)\//,
  "a path of one machine; write it from the root of the repository",
);

export const theWorkshopStaysOut = refusal(/\bthis wor[k]place\b/i, "say what a reader elsewhere can use");

export const generatedFilesStayOut: TidyRule = (files) =>
  files.flatMap(({ path }) =>
    /(?:^|\/)node_modules\/|^dist\/|^data\/|^src\/(?:.*\/)?gen\//.test(path)
      ? [`${path}: is made, not written; git rm --cached it and see .gitignore`]
      : [],
  );

export const lockNamesNoHosts: TidyRule = (files) =>
  files.flatMap(({ path, text }) =>
    path === "package-lock.json" && /"resolve[d]":\s*"https?:/.test(text)
      ? [`${path}: holds download addresses; keep .npmrc, delete the lock file and run npm install`]
      : [],
  );

function withFolders(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/")).concat(".");
}
