/** What methods of RPCs need, in one piece: it is loaded where a file names one. */
export { defineHandler, readDescriptors } from "../protos/method/descriptors.ts";
export { fieldText } from "../protos/method/field-text.ts";
export { isLongRunning } from "../protos/method/operation-info.ts";
