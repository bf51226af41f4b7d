import { workerSuite } from "./suite.ts";
import { typescriptWorker } from "./typescript.ts";

workerSuite("longrunning work over gRPC", () => typescriptWorker("grpc"));
