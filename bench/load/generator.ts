import { autocannonGenerator } from "./autocannon.ts";
import type { LoadGenerator } from "./load.ts";
import { findWrk } from "./wrk.ts";

/**
 * Uses wrk if it is installed, otherwise autocannon. @param folder for the files that the generator
 * writes
 */
export async function findGenerator(folder: string): Promise<LoadGenerator> {
  return (await findWrk(folder)) ?? autocannonGenerator;
}
