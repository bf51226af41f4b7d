import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository, where the commands run. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A fenced block of a document. */
export interface Block {
  readonly language: string;
  readonly code: string;
}

/** The blocks of a section of README.md, in their order. */
export function blocksOf(section: string): readonly Block[] {
  const text = readFileSync(`${ROOT}README.md`, "utf8");
  const from = text.indexOf(`\n## ${section}\n`);
  if (from === -1) throw new Error(`README.md has no section "${section}"`);
  const to = text.indexOf("\n## ", from + 1);
  const blocks = text.slice(from, to === -1 ? undefined : to).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
  return Array.from(blocks, ([, language = "", code = ""]) => ({ language, code }));
}

/** The only block of a language that matches; the README may gain others at any time. */
export function blockLike(blocks: readonly Block[], language: string, pattern: RegExp): string {
  const found = blocks.filter((block) => block.language === language && pattern.test(block.code));
  if (found.length !== 1) {
    throw new Error(
      `README.md has ${found.length} blocks of ${language} like ${String(pattern)}, expected one`,
    );
  }
  return found[0]?.code ?? "";
}
