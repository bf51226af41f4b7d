import { createRegistry, type DescFile } from "@bufbuild/protobuf";
import { STANDARD_TYPES, type Types } from "../../wire/proto/registry.ts";

const known = new WeakMap<DescFile, Types>();

/** The types that messages of a file may hold in an `Any`: the standard ones, those of the file, and those that it imports. */
export function typesOfFile(file: DescFile): Types {
  const types = known.get(file) ?? createRegistry(STANDARD_TYPES, ...withImports(file));
  known.set(file, types);
  return types;
}

/** The types of several files, for what serves all of them. */
export function typesOfFiles(files: Iterable<DescFile>): Types {
  return createRegistry(STANDARD_TYPES, ...new Set([...files].flatMap((file) => [...withImports(file)])));
}

/** A file and all that it imports, directly or not. */
export function withImports(file: DescFile): ReadonlySet<DescFile> {
  const found = new Set([file]);
  for (const each of found) for (const imported of each.dependencies) found.add(imported);
  return found;
}
