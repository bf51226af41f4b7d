import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from "@grpc/grpc-js";
import { bytesMethod, OPERATIONS } from "../load/grpc-connection.ts";

/** The peer: only `@grpc/grpc-js`. Its argument is the answer to GetOperation, as base64. */
const answer = Buffer.from(process.argv[2] ?? "", "base64");

// Like ours without channelz: counting the calls would cost the peer more than it costs us.
const server = new Server({ "grpc.enable_channelz": 0 });
server.addService(
  {
    GetOperation: bytesMethod(`${OPERATIONS}/GetOperation`),
    WaitOperation: bytesMethod(`${OPERATIONS}/WaitOperation`),
  },
  {
    GetOperation: (_call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
      callback(null, answer),
    WaitOperation: () => {},
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`http://127.0.0.1:${port}\n`);
});
process.on("SIGTERM", () => process.exit());
