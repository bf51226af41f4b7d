import { parseDurationMs } from "../../src/core/value/duration.ts";
import { configOf, stagesOf } from "./containerfile.ts";
import { at, entriesAt, textAt, textOf, type Tree, yamlOf } from "./files.ts";
import { environmentOf, manifestsOf } from "./manifests.ts";
import { assignments, settingOf, unitEnvironment, unitOf } from "./units.ts";

/** A process of the service, as one of the files starts it. */
export interface DeployedProcess {
  /** Such as `compose.yaml: api`. */
  readonly name: string;
  readonly command: "serve" | "migrate";
  /** Its environment. Secrets are placeholders. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The time after SIGTERM before it is killed; undefined if it does nothing that has to be
   * released.
   */
  readonly graceMs: number | undefined;
}

const STORE = "postgres://longrunning:secret@postgres:5432/longrunning";

/** Every process of the service that a file below `deploy/` starts. */
export function deployedProcesses(): readonly DeployedProcess[] {
  return [...ofKubernetes(), ...ofCompose(), ...ofSystemd()];
}

/** The image's settings for all its processes. */
function imageEnvironment(): Readonly<Record<string, string>> {
  const last = stagesOf(textOf("Containerfile")).at(-1);
  return last === undefined ? {} : configOf(last).environment;
}

function ofKubernetes(): readonly DeployedProcess[] {
  return manifestsOf("Deployment", "Job").map((manifest) => {
    const seconds = at(manifest.tree, "spec.template.spec.terminationGracePeriodSeconds");
    const isServed = manifest.kind === "Deployment";
    return {
      name: `${manifest.path}: ${manifest.name}`,
      command: isServed ? "serve" : "migrate",
      environment: { ...imageEnvironment(), ...withStore(environmentOf(manifest)) },
      graceMs: isServed ? Number(seconds) * 1_000 : undefined,
    };
  });
}

/** The services of compose.yaml that run our image. */
export function composeServices(): readonly (readonly [string, Tree])[] {
  return entriesAt(yamlOf("compose.yaml"), "services").filter(
    ([, service]) => at(service, "image") === "longrunning-service",
  );
}

function ofCompose(): readonly DeployedProcess[] {
  return composeServices().map(([name, service]) => {
    const set = entriesAt(service, "environment").map(([key, value]) => [
      key,
      interpolated(textAt(value, "")),
    ]);
    const grace = at(service, "stop_grace_period");
    return {
      name: `compose.yaml: ${name}`,
      command: name === "migrate" ? "migrate" : "serve",
      environment: { ...imageEnvironment(), ...(Object.fromEntries(set) as Record<string, string>) },
      graceMs: grace === undefined ? undefined : parseDurationMs(textAt(grace, "")),
    };
  });
}

/** `${NAME:-default}` becomes its default, `${NAME:?why}` a placeholder. */
function interpolated(text: string): string {
  return text
    .replaceAll(/\$\{\w+:\?[^}]*\}/g, "secret")
    .replaceAll(/\$\{\w+:-([^}]*)\}/g, (_all, standard: string) => standard);
}

function ofSystemd(): readonly DeployedProcess[] {
  const shared = assignments(textOf("systemd/environment").split("\n"));
  return ["longrunning-api.service", "longrunning-worker@.service", "longrunning-migrate.service"].map(
    (name) => {
      const unit = unitOf(name);
      const isServed = !name.includes("migrate");
      return {
        name: `systemd/${name}`,
        command: isServed ? "serve" : "migrate",
        environment: { ...shared, ...unitEnvironment(unit, "8081") },
        graceMs: isServed ? parseDurationMs(settingOf(unit, "Service", "TimeoutStopSec")) : undefined,
      };
    },
  );
}

function withStore(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...environment, LONGRUNNING_STORE: STORE };
}
