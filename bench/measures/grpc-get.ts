import { compare } from "../compare.ts";
import { startGrpcGenerator } from "../load/grpc.ts";
import { getRequest, GrpcConnection } from "../load/grpc-connection.ts";
import { call, type Measure, startOperation, startServer } from "../measure.ts";
import { startBareGrpc } from "../processes/child.ts";
import { shareOfBare } from "./get.ts";

const CONNECTIONS = 8;
const STREAMS = 16;

export const grpcGet: Measure = {
  name: "grpc-get",
  title: `gRPC GetOperation of a finished operation, ${CONNECTIONS} connections with ${STREAMS} calls each, against bare @grpc/grpc-js with the same bytes`,
  async run(setting) {
    await using server = await startServer(setting);
    const path = await startOperation(server.url, "echo", { text: "What was asked for comes back." });
    await call(server.url, `${path}:wait`, {});
    await using bare = await startBareGrpc(await answerOf(server.url, path));
    await using generator = startGrpcGenerator(STREAMS);
    const load = { paths: [path], connections: CONNECTIONS };
    const comparison = await compare(setting, [
      { child: server, load, generator },
      { child: bare, load, generator },
    ]);
    const finding = shareOfBare(comparison, { throughput: 0.85, cpu: 1.2 });
    return {
      ...finding,
      notes: [
        "The load generator also uses @grpc/grpc-js, in one process. If requests/s times CPU µs is far below one second, the server did not limit the throughput.",
      ],
    };
  },
};

async function answerOf(url: string, path: string): Promise<Uint8Array> {
  const connection = await GrpcConnection.open(url);
  try {
    return await connection.call("GetOperation", getRequest(path));
  } finally {
    connection.close();
  }
}
