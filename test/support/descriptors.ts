import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createFileRegistry, type DescService, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** Protos on the disk. */
export interface ProtoFiles {
  /** The root folders of imports. */
  readonly directories: readonly string[];
  /**
   * The files to compile, relative to one of the roots. Google's common protos are found in
   * addition.
   */
  readonly paths: readonly string[];
}

const GOOGLE_PROTOS = join(import.meta.dirname, "../../node_modules/google-gax/build/protos");

/** The protos of Cloud Redis, a service with long-running methods, as Google publishes them. */
export const REDIS_PROTOS = protosOf({ redis: "google/cloud/redis/v1/cloud_redis.proto" });

/** The protos of an npm package `@google-cloud/…`, by the name of the package. */
export function protosOf(paths: Readonly<Record<string, string>>): ProtoFiles {
  const root = join(import.meta.dirname, "../../node_modules/@google-cloud");
  return {
    directories: Object.keys(paths).map((name) => join(root, name, "build/protos")),
    paths: Object.values(paths),
  };
}

/**
 * Descriptors of protos with all comments, compiled during the test: nothing generated is kept.
 * Google's common protos (`google/api`, `google/longrunning`, `google/rpc`, `google/type`) may be
 * imported.
 *
 * @param protos the text of one file, or files on the disk
 */
export function descriptorsOf(protos: string | ProtoFiles): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSetOf(protos)));
}

/**
 * The protos that this process has compiled: test files that share a process compile many protos
 * more than once.
 */
const compiled = new Map<string, Uint8Array>();

/** The same, as the bytes of a descriptor set, as users make them with `buf build`. */
export function descriptorSetOf(protos: string | ProtoFiles): Uint8Array {
  const key = JSON.stringify(protos);
  const bytes = compiled.get(key) ?? compile(protos);
  compiled.set(key, bytes);
  return Uint8Array.from(bytes);
}

function compile(protos: string | ProtoFiles): Uint8Array {
  if (typeof protos === "string") {
    folder ??= aFolder();
    writeFileSync(join(folder, "test.proto"), protos);
    return build(folder, ["test.proto"]);
  }
  const root = aFolder();
  for (const directory of protos.directories) cpSync(directory, root, { recursive: true });
  return build(root, protos.paths);
}

/** The folder of all protos that are given as text, each in its turn. */
let folder: string | undefined;

/** A new folder with Google's common protos, until this process ends. */
function aFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "longrunning-protos-"));
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  // A file of its own, so that no configuration above the folder applies.
  writeFileSync(join(root, "buf.yaml"), "version: v2\n");
  for (const name of ["api", "longrunning", "rpc", "type"])
    cpSync(join(GOOGLE_PROTOS, "google", name), join(root, "google", name), { recursive: true });
  return root;
}

function build(root: string, paths: readonly string[]): Uint8Array {
  const only = paths.flatMap((path) => ["--path", join(root, path)]);
  return execFileSync(bufCommand(), ["build", root, ...only, "--output", "-#format=binpb"], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** A service in these descriptors. */
export function serviceOf(registry: FileRegistry, typeName: string): DescService {
  const service = registry.getService(typeName);
  if (service === undefined) throw new TypeError(`The protos have no service ${typeName}`);
  return service;
}

/**
 * The executable of npm's `@bufbuild/buf`: the program itself if its package has the usual name,
 * otherwise the script that starts it.
 */
export function bufCommand(): string {
  const { resolve } = createRequire(import.meta.url);
  try {
    return resolve(`@bufbuild/buf-${process.platform}-${process.arch}/bin/buf`);
  } catch {
    return join(dirname(resolve("@bufbuild/buf/package.json")), "bin/buf");
  }
}
