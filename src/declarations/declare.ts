import { LIMITS } from "../core/limits.ts";
import { resolve } from "node:path";
import { defineMethod, type Method, type MethodOptions } from "../core/method/method.ts";
import { checkName, deadlineMs, timeToLive } from "../core/method/options.ts";
import { parallelPolicy } from "../core/method/parallel.ts";
import { remote } from "../core/method/remote.ts";
import { retryPolicy } from "../core/method/retry.ts";
import { checkGivesObject } from "../core/method/schema-check.ts";
import type { Entry, Mistake } from "../forms/entry.ts";
import { httpTarget } from "../http-target/http-target.ts";
import type { HttpTargetAuth, HttpTargetOptions } from "../http-target/options.ts";
import type { MethodEntry, WrittenMethod } from "./forms.ts";
import type { Files } from "./json-schema/files.ts";
import type { CompiledSchema, Schemas } from "./json-schema/schemas.ts";
import { secretOf } from "./secret.ts";
import { filledBy, type MemberReader } from "./template.ts";

/** The parts shared by the methods of one file. */
export interface Declaring {
  readonly files: Files;
  /** The folder of the file. */
  readonly folder: string;
  /** The variables that the file may name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The descriptor set for methods that name none. */
  readonly descriptors: string | undefined;
  /** The mistakes reported at entries. */
  readonly mistakes: readonly Mistake[];
}

/** The handler of a method; undefined if it has mistakes. */
type Handler = MethodOptions["run"] | undefined;

/** Makes a method from options that were checked. */
type Declare = () => Method | undefined;

/** Makes methods from the entries of a file. Mistakes are reported at the entries. */
export class Declarer {
  readonly #of: Declaring;
  #schemas: Promise<Schemas> | undefined;

  constructor(of: Declaring) {
    this.#of = of;
  }

  /** @returns undefined for a method with mistakes */
  async method({ entry, written }: MethodEntry): Promise<Method | undefined> {
    const before = this.#of.mistakes.length;
    checkOptions(entry, written);
    const run = await this.#handlerOf(entry, written);
    const isGood = (): boolean => this.#of.mistakes.length === before;
    const declare =
      written.rpc === undefined
        ? await this.#bySchemas(entry, written, run)
        : await this.#byRpc(entry, written, run);
    // Skip if there are mistakes already, because the same ones would be reported again.
    const method = declare !== undefined && run !== undefined && isGood() ? told(entry, declare) : undefined;
    return isGood() ? method : undefined;
  }

  async #bySchemas(entry: Entry, written: WrittenMethod, run: Handler): Promise<Declare | undefined> {
    const { name, request, response, metadata, descriptors } = written;
    if (descriptors !== undefined)
      entry.nearest(["descriptors"]).refuseName('"descriptors" belong to an "rpc", and there is none');
    if (!has(entry, "name")) entry.refuse('"name" is missing');
    if (!has(entry, "request")) entry.refuse('"request" is missing: give a JSON Schema, or an "rpc"');
    const { folder } = this.#of;
    const schemas = await (this.#schemas ??= this.#openSchemas());
    const compiled = {
      request: request && (await schemas.of(request, folder)),
      response: response && (await schemas.of(response, folder)),
      metadata: metadata && (await schemas.ofMetadata(metadata, folder)),
    };
    for (const [option, each] of Object.entries(compiled))
      if (each !== undefined) told(entry, () => checkGivesObject(`${METHOD}: ${option}`, each.schema));
    if (name === undefined || compiled.request === undefined) return undefined;
    const { checkMember, memberText } = await import("./json-schema/members.ts");
    const { json, schema } = compiled.request;
    const reader: MemberReader = (names) => {
      checkMember(json, names);
      return (value) => memberText(value, names);
    };
    const options = { ...optionsOf(entry, written, reader), name, request: schema, run };
    const { response: answered, metadata: reported } = compiled;
    return () => defineMethod({ ...options, ...schemasOf(answered, reported) } as MethodOptions);
  }

  /** @returns undefined if it has mistakes */
  async #handlerOf(entry: Entry, { run }: WrittenMethod): Promise<Handler> {
    if (run === undefined || run === "remote") return run && remote();
    const runEntry = entry.nearest(["run"]);
    const target = await this.#placed(runEntry, run);
    return target && told(runEntry, () => httpTarget(target));
  }

  /**
   * The target with its secrets from variables and files. The path of a token file is relative to
   * the folder of the methods file, like all paths in it.
   *
   * @returns undefined if a secret is missing
   */
  async #placed(entry: Entry, target: HttpTargetOptions): Promise<HttpTargetOptions | undefined> {
    const { auth } = target;
    if (auth === undefined) return target;
    if ("oidc" in auth && "tokenFile" in auth.oidc)
      return { ...target, auth: { oidc: { tokenFile: resolve(this.#of.folder, auth.oidc.tokenFile) } } };
    const found: Record<string, unknown> = { ...auth };
    for (const name of ["secret", "bearer"]) {
      const written = found[name];
      if (written === undefined) continue;
      const texts = [written].flat() as string[];
      const secrets = await Promise.all(
        texts.map((text, index) => this.#secret(entry.nearest(["auth", name, index]), text)),
      );
      if (secrets.includes(undefined)) return undefined;
      found[name] = Array.isArray(written) ? secrets : secrets[0];
    }
    return { ...target, auth: found as unknown as HttpTargetAuth };
  }

  async #secret(entry: Entry, text: string): Promise<string | undefined> {
    try {
      return await secretOf(text, this.#of);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      entry.refuse(error.message);
      return undefined;
    }
  }

  async #openSchemas(): Promise<Schemas> {
    const { files, mistakes } = this.#of;
    const { Schemas: Opened } = await import("./json-schema/schemas.ts");
    return new Opened(files, mistakes);
  }

  async #byRpc(entry: Entry, written: WrittenMethod, run: Handler): Promise<Declare | undefined> {
    for (const name of ["request", "response", "metadata"] as const)
      if (written[name] !== undefined)
        written[name].refuseName(`the rpc says what its ${name} is; leave it out`);
    const { name, rpc = "", descriptors = this.#of.descriptors } = written;
    const rpcEntry = entry.nearest(["rpc"]);
    if (descriptors === undefined) {
      rpcEntry.refuse('give the descriptors of the API, beside it or at the top: "descriptors: api.binpb"');
      return undefined;
    }
    const from = { folder: this.#of.folder, bytesMax: LIMITS.descriptorsBytesMax };
    const bytes = await this.#of.files.bytes(descriptors, from, entry.nearest(["descriptors"]));
    if (bytes === undefined) return undefined;
    const { defineHandler, fieldText, isLongRunning, readDescriptors } = await import("./rpcs.ts");
    return told(rpcEntry, () => {
      const described = readDescriptors(bytes);
      const desc = described.rpc(rpc);
      if (!isLongRunning(desc))
        throw new TypeError(
          `${rpc} answers a ${desc.output.typeName} and not an operation, and needs a handler`,
        );
      const options = optionsOf(entry, written, (names) => fieldText(desc.input, names));
      const handler = { ...options, run, ...(name === undefined ? {} : { name }) };
      return () => told(rpcEntry, () => defineHandler(rpc, handler as never).bind(described) as Method);
    });
  }
}

function schemasOf(
  response: CompiledSchema | undefined,
  metadata: CompiledSchema | undefined,
): Pick<MethodOptions, "response" | "metadata"> {
  return {
    ...(response === undefined ? {} : { response: response.schema }),
    ...(metadata === undefined ? {} : { metadata: metadata.schema }),
  };
}

/** Replaces the name of a method in messages, which already contain the place of the method. */
const METHOD = "method";

/** Checks each option separately, so that all mistakes are reported. */
function checkOptions(entry: Entry, written: WrittenMethod): void {
  const { name, retry, deadline, timeToLive: kept, parallel } = written;
  if (name !== undefined) told(entry, () => checkName(name));
  told(entry, () => retryPolicy(retry, `${METHOD}: retry`));
  told(entry, () => deadlineMs(METHOD, deadline));
  told(entry, () => timeToLive(METHOD, kept));
  if (parallel !== undefined) told(entry, () => parallelPolicy(METHOD, { ...parallel, key: () => "" }));
}

function optionsOf(entry: Entry, written: WrittenMethod, reader: MemberReader): Partial<MethodOptions> {
  const { description, retry, deadline, timeToLive: kept, parallel, target } = written;
  const filled = target && told(entry.nearest(["target"]), () => filledBy(target, reader));
  const given = {
    description,
    retry,
    deadline,
    timeToLive: kept,
    parallel: parallel && {
      ...parallel,
      key:
        parallel.key &&
        told(entry.nearest(["parallel", "key"]), () => reader(parallel.key?.split(".") ?? [])),
    },
    target: filled,
  };
  return withoutUndefined(given);
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      if (value === undefined) return [];
      const isGroup = typeof value === "object" && !Array.isArray(value);
      return [[name, isGroup ? withoutUndefined(value as object) : value]];
    }),
  );
}

/**
 * The result of a declaration; if it throws, the error is reported at the entry of the option that
 * it names.
 */
function told<T>(entry: Entry, declare: () => T): T | undefined {
  try {
    return declare();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [, path = "", why = ""] = OPTION.exec(error.message) ?? ["", "", error.message];
    entry
      .nearest(path === "Method name" ? ["name"] : path.split(/[.[\]]+/).filter((part) => part !== ""))
      .refuse(why.replaceAll(`${METHOD}: `, ""));
    return undefined;
  }
}

/** A message that begins with the name of its option. */
const OPTION = /^(?:\w+: )?(Method name|[a-zA-Z]+(?:[.[][\w\]]+)*): (.*)$/s;

function has({ value }: Entry, name: string): boolean {
  return value instanceof Map && value.has(name);
}
