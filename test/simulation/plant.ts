import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mutant, planted } from "../mutants/mutant.ts";

const ROOT = join(import.meta.dirname, "../..");

/**
 * Plants a bug in all modules that this process loads from now on. Nothing on the disk is changed.
 */
export function plant(bug: Mutant): void {
  const path = join(ROOT, bug.file);
  registerHooks({
    load: (url, context, next) => {
      if (!url.startsWith("file:") || fileURLToPath(url) !== path) return next(url, context);
      const source = planted(bug, readFileSync(path, "utf8"));
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}
