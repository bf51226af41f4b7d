import { autocannonGenerator } from "./autocannon.ts";
import type { LoadGenerator } from "./load.ts";
import { findWrk } from "./wrk.ts";

/** wrk where it is installed, and autocannon where not. @param folder for what the generator has to write */
export async function findGenerator(folder: string): Promise<LoadGenerator> {
  return (await findWrk(folder)) ?? autocannonGenerator;
}
