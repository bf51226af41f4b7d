import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  Client,
  credentials,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import {
  type Claim,
  type ClaimedAttempt,
  type RenewalAnswer,
  Workers,
} from "../../src/wire/gen/longrunning/v1/workers_pb.ts";
import type { Answer, Call, Entry, Gateway, Verb } from "./gateway.ts";
import type { Wire } from "./rest-wire.ts";

/** The gateway for workers that use gRPC. */

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
type Members = Readonly<Record<string, unknown>>;

const RPCS = {
  claimOperations: "claim",
  renewAttempts: "renew",
  completeAttempts: "complete",
  failAttempts: "fail",
  releaseAttempts: "release",
} as const satisfies Record<keyof typeof Workers.method, Verb>;

/** Messages are passed on as bytes. */
const same = (bytes: Buffer): Buffer => bytes;

export async function openGrpcWire(gateway: Gateway, server: string): Promise<Wire> {
  const upstream = new Client(new URL(server).host, credentials.createInsecure());
  const listener = new Server();
  const names = Object.keys(RPCS) as (keyof typeof RPCS)[];
  const service = names.map((name) => {
    const { parent, name: rpc } = Workers.method[name];
    const path = `/${parent.typeName}/${rpc}`;
    const stream = { requestStream: false, responseStream: false };
    const code = { requestSerialize: same, requestDeserialize: same };
    return [name, { path, ...stream, ...code, responseSerialize: same, responseDeserialize: same }] as const;
  });
  const handlers = names.map((name) => {
    const handle = (call: UnaryCall, reply: sendUnaryData<Buffer>): void =>
      carry({ gateway, upstream, name }, call, reply);
    return [name, handle] as const;
  });
  listener.addService(Object.fromEntries(service) as ServiceDefinition, Object.fromEntries(handlers));
  const port = await new Promise<number>((resolve, reject) =>
    listener.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return {
    address: `127.0.0.1:${port}`,
    cut: () => listener.drain(`127.0.0.1:${port}`, 0),
    [Symbol.asyncDispose]: async () => {
      listener.forceShutdown();
      upstream.close();
      await Promise.resolve();
    },
  };
}

interface Path {
  readonly gateway: Gateway;
  readonly upstream: Client;
  readonly name: keyof typeof RPCS;
}

function carry({ gateway, upstream, name }: Path, call: UnaryCall, reply: sendUnaryData<Buffer>): void {
  const rpc = Workers.method[name];
  const [input, output]: readonly DescMessage[] = [rpc.input, rpc.output];
  const taken = gateway.take(callOf(RPCS[name], fromBinary(input as DescMessage, call.request)));
  const { fate } = taken;
  if (fate === "hang") return;
  if (typeof fate === "string" && fate !== "pass" && fate !== "lose")
    return reply({ code: status[fate], details: `The gateway says ${fate}.` });
  const path = `/${rpc.parent.typeName}/${rpc.name}`;
  const under = upstream.makeUnaryRequest(path, same, same, call.request, (error, bytes) => {
    if (error !== null || bytes === undefined) return reply(error);
    const answer = fromBinary(output as DescMessage, bytes);
    gateway.answered(taken.call, answerOf(answer));
    if (fate === "lose") return reply({ code: status.UNAVAILABLE, details: "The connection broke." });
    const whole = Buffer.from(toBinary(output as DescMessage, answer));
    if (typeof fate === "number") setTimeout(() => reply(null, whole), fate);
    else reply(null, whole);
  });
  // A worker that has given up on the answer must not keep the server waiting either.
  call.on("cancelled", () => under.cancel());
}

function callOf(verb: Verb, message: Message): Omit<Call, "at"> {
  const members = message as unknown as Members;
  const { methods = [], limit = 1, timeout } = members as Partial<Record<string, never>>;
  const waitMs = timeout === undefined ? 0 : durationMs(timeout);
  const common = { verb, methods, limit: Math.max(1, limit), waitMs };
  if (verb === "claim") return { ...common, entries: [] };
  const { renewals, completions, failures, attempts } = members;
  const list = (renewals ?? completions ?? failures ?? attempts) as readonly Members[];
  return { ...common, entries: list.map((entry) => entryOf(verb, entry)) };
}

function entryOf(verb: Verb, entry: Members): Entry {
  const { attempt: presented, ...rest } = entry;
  const given = verb === "release" ? entry : (presented as Members);
  const { name, attempt, token } = given as unknown as ClaimedAttempt;
  const { metadataPayload } = rest as { metadataPayload?: { value?: unknown } };
  // Durations have their seconds as a bigint, which JSON does not support.
  const json = JSON.stringify(rest, (_, value: unknown) =>
    typeof value === "bigint" ? Number(value) : value,
  );
  const text = verb === "release" ? verb : `${verb} ${json}`;
  return { proof: { name, attempt, token }, text, metadata: metadataPayload?.value };
}

function answerOf(message: Message): Answer {
  const { claims = [], answers = [] } = message as unknown as { claims?: Claim[]; answers?: RenewalAnswer[] };
  return {
    claims: claims.map((claim) => ({
      proof: claim.attempt as ClaimedAttempt,
      url: String((claim.requestPayload.value as Members)["url"]),
      failedAttempts: claim.failedAttempts,
      setCancelRequested: () => void Object.assign(claim, { cancelRequested: true }),
    })),
    renewals: answers.map((answer) => ({
      held: answer.held,
    })),
  };
}
