/** The code for methods of RPCs, loaded only if a file names an RPC. */
export { defineHandler, readDescriptors } from "../protos/method/descriptors.ts";
export { fieldText } from "../protos/method/field-text.ts";
export { isLongRunning } from "../protos/method/operation-info.ts";
