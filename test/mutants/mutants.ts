import { CORE } from "./core.ts";
import type { Mutant } from "./mutant.ts";
import { PROTOS } from "./protos.ts";
import { WIRE } from "./wire.ts";

/** All mutants, by the room in which they are planted. */
export const MUTANTS: Readonly<Record<string, readonly Mutant[]>> = {
  core: CORE,
  wire: WIRE,
  protos: PROTOS,
};
