import { createRegistry, type DescFile } from "@bufbuild/protobuf";
import { STANDARD_TYPES, type Types } from "../../wire/proto/registry.ts";

const known = new WeakMap<DescFile, Types>();

/**
 * The types that an `Any` in messages of a file may contain: the standard types, those of the file,
 * and those of its imports.
 */
export function typesOfFile(file: DescFile): Types {
  const types = known.get(file) ?? createRegistry(STANDARD_TYPES, ...withImports(file));
  known.set(file, types);
  return types;
}

/** The same for several files together. */
export function typesOfFiles(files: Iterable<DescFile>): Types {
  return createRegistry(STANDARD_TYPES, ...new Set([...files].flatMap((file) => [...withImports(file)])));
}

/** A file and all its direct and indirect imports. */
export function withImports(file: DescFile): ReadonlySet<DescFile> {
  const found = new Set([file]);
  for (const each of found) for (const imported of each.dependencies) found.add(imported);
  return found;
}
