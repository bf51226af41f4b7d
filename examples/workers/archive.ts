import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, remote } from "../../src/index.ts";

/** Packs a directory of a worker's machine into a .tar.gz file. */
export const createArchive = defineMethod({
  name: "createArchive",
  description: "Packs a directory into a .tar.gz file.",
  request: z.object({ directory: z.string().min(1), output: z.string().min(1).optional() }),
  response: z.object({ path: z.string(), sizeBytes: z.number(), sha256: z.string(), entryCount: z.number() }),
  metadata: z.object({
    progressPercent: z.number(),
    statusMessage: z.string(),
    currentFile: z.string(),
    bytesDone: z.number(),
    bytesTotal: z.number(),
  }),
  retry: { attempts: 3 },
  run: remote(),
});
