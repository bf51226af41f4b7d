import { workerSuite } from "../workers/suite.ts";
import { typescriptWorker } from "../workers/typescript.ts";

workerSuite("longrunning work over REST", () => typescriptWorker("rest"));
