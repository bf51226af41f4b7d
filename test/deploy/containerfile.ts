/** An instruction of a Containerfile, its continuation lines joined. */
export interface Instruction {
  /** Such as `COPY`. */
  readonly name: string;
  /** Such as `--from=build`, by their names. */
  readonly flags: Readonly<Record<string, string>>;
  /** The text after the flags. */
  readonly rest: string;
}

/** The instructions between one `FROM` and the next. */
export interface Stage {
  readonly base: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/**
 * The stages of a Containerfile. @throws {Error} for a line that this project's file does not need
 */
export function stagesOf(text: string): readonly Stage[] {
  const stages: { base: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of linesOf(text)) {
    const [, name = "", words = ""] = /^([A-Z]+)\s+(.*)$/s.exec(line) ?? [];
    const from = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(words);
    if (name === "FROM" && from !== null) {
      stages.push({ base: from[1] ?? "", name: from[2] ?? "", instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (name === "" || stage === undefined) throw new Error(`No instruction of a stage: ${line}`);
      stage.instructions.push(instructionOf(name, words));
    }
  }
  return stages;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  return lines
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function instructionOf(name: string, words: string): Instruction {
  const flags: Record<string, string> = {};
  let rest = words;
  for (let found; (found = /^--([a-z-]+)=(\S+)\s+/.exec(rest)) !== null; rest = rest.slice(found[0].length)) {
    flags[found[1] ?? ""] = found[2] ?? "";
  }
  return { name, flags, rest };
}

/** Words in the exec form, which no shell reads. @throws {Error} if they are in another form */
export function execForm(rest: string): readonly string[] {
  const words = JSON.parse(rest) as unknown;
  if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) {
    throw new Error(`Not the exec form: ${rest}`);
  }
  return words;
}

/** The settings with which containers of an image start. */
export interface ImageConfig {
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly directory: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly stopSignal: string;
  readonly ports: readonly string[];
  readonly health: { readonly command: readonly string[]; readonly flags: Readonly<Record<string, string>> };
}

/** The last instruction of a stage for each setting. */
export function configOf({ instructions }: Stage): ImageConfig {
  const last = (name: string): Instruction | undefined =>
    instructions.findLast((instruction) => instruction.name === name);
  const words = (name: string): readonly string[] => execForm(last(name)?.rest ?? "[]");
  const health = last("HEALTHCHECK");
  const environment = instructions
    .filter(({ name }) => name === "ENV")
    .flatMap(({ rest }) => Array.from(rest.matchAll(/(\w+)=(\S*)/g), ([, key, value]) => [key, value]));
  return {
    environment: Object.fromEntries(environment) as Record<string, string>,
    user: last("USER")?.rest ?? "",
    directory: last("WORKDIR")?.rest ?? "/",
    entrypoint: words("ENTRYPOINT"),
    command: words("CMD"),
    stopSignal: last("STOPSIGNAL")?.rest ?? "SIGTERM",
    ports: instructions.filter(({ name }) => name === "EXPOSE").map(({ rest }) => rest),
    health: {
      command: execForm(health?.rest.replace(/^CMD\s+/, "") ?? "[]"),
      flags: health?.flags ?? {},
    },
  };
}

/**
 * The paths of a context that an ignore file excludes, by the patterns in this project's file:
 * names, `*` and a leading `**\/`.
 */
export function ignoredBy(text: string): (path: string) => boolean {
  const patterns = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const anywhere = line.startsWith("**/");
      const name = (anywhere ? line.slice(3) : line).replaceAll(/[.+^$()[\]{}|\\?]/g, "\\$&");
      return new RegExp(`^${anywhere ? "(?:.*/)?" : ""}${name.replaceAll("*", "[^/]*")}(?:/|$)`);
    });
  return (path) => patterns.some((pattern) => pattern.test(path));
}
