import { type DescMessage, type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { operation_info, OperationSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";

/** The full name of an RPC, such as `google.cloud.redis.v1.CloudRedis.CreateInstance`. */
export function rpcName(rpc: DescMethod): string {
  return `${rpc.parent.typeName}.${rpc.name}`;
}

/** Whether an RPC returns an operation. */
export function isLongRunning(rpc: DescMethod): boolean {
  return rpc.output.typeName === OperationSchema.typeName;
}

/**
 * The full names that the types in an RPC's `operation_info` may have, the likelier one first: a
 * simple name belongs to the RPC's own package. None without `operation_info`.
 *
 * @see google/longrunning/operations.proto, OperationInfo
 */
export function operationTypes(
  rpc: DescMethod,
): Readonly<Record<"response" | "metadata", readonly string[]>> {
  if (!hasOption(rpc, operation_info)) return { response: [], metadata: [] };
  const { responseType, metadataType } = getOption(rpc, operation_info);
  return { response: candidates(rpc, responseType), metadata: candidates(rpc, metadataType) };
}

function candidates(rpc: DescMethod, name: string): readonly string[] {
  if (name === "") return [];
  const inPackage = `${rpc.parent.file.proto.package}.${name}`;
  return name.includes(".") ? [name, inPackage] : [inPackage, name];
}

/**
 * Compares the declared types of a method with the RPC's `google.longrunning.operation_info`.
 *
 * @throws {TypeError} with the RPC, and the declared and the given types
 */
export function checkOperationInfo(
  rpc: DescMethod,
  types: { readonly response: DescMessage | undefined; readonly metadata: DescMessage | undefined },
): void {
  if (!isLongRunning(rpc)) {
    throw new TypeError(
      `${rpcName(rpc)} answers a ${rpc.output.typeName} and not an operation; declare it with { answer } instead of { run }`,
    );
  }
  const said = operationTypes(rpc);
  for (const what of ["response", "metadata"] as const) {
    const given = types[what]?.typeName ?? EmptySchema.typeName;
    if (said[what].length === 0 || said[what].includes(given)) continue;
    throw new TypeError(
      `${rpcName(rpc)}: its operation_info says that the ${what} is a ${said[what][0]}, but the method is declared with ${given}`,
    );
  }
}
