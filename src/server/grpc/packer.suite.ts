import { PERMISSIONS } from "../../core/permission.ts";
import {
  create,
  createFileRegistry,
  type DescMethodUnary,
  type JsonObject,
  type Message,
} from "@bufbuild/protobuf";
import {
  file_google_protobuf_struct,
  FileDescriptorProtoSchema,
  MethodDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { file_google_longrunning_operations } from "../../wire/gen/google/longrunning/operations_pb.ts";
import type { Rpc, RpcAnswer, RpcContext } from "../rpc/rpc.ts";

/** A user's service for tests: Pack returns an operation, Greet a Struct. */
const file = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: "packer.proto",
    package: "packer.v1",
    syntax: "proto3",
    dependency: ["google/longrunning/operations.proto", "google/protobuf/struct.proto"],
    service: [
      {
        name: "Packer",
        method: [
          methodTo("Pack", ".google.longrunning.Operation"),
          methodTo("Greet", ".google.protobuf.Struct"),
        ],
      },
    ],
  }),
  (name) =>
    [file_google_longrunning_operations, file_google_protobuf_struct].find(
      ({ proto }) => proto.name === name,
    ),
);

function methodTo(name: string, outputType: string) {
  return create(MethodDescriptorProtoSchema, { name, inputType: ".google.protobuf.Struct", outputType });
}

/** The path of a call of the service. */
export function packerPath(method: string): string {
  return `/packer.v1.Packer/${method}`;
}

/** An RPC of the service. The request is a Struct, which is its JSON in memory. */
export function packerRpc(
  name: "Pack" | "Greet",
  call: (request: JsonObject, context: RpcContext) => Promise<RpcAnswer>,
): Rpc {
  const desc = file.getService("packer.v1.Packer")?.methods.find((each) => each.name === name);
  return {
    desc: desc as DescMethodUnary,
    permission: PERMISSIONS.answer,
    call: (request, context) => call(structOf(request), context),
  };
}

function structOf(request: Message): JsonObject {
  return (request as unknown as { readonly fields: JsonObject }).fields;
}
