/**
 * `longrunning/proto`: methods declared by protos. It is a separate entry point, so that a service
 * without protos does not load the code that reads them.
 */
import "./core/node-guard.ts";
export type { AnsweredMethod } from "./core/method/answered-method.ts";
export type { UnboundMethod } from "./core/method/unbound-method.ts";
export { applyUpdate, applyUpdateMask, type UpdateMask } from "./protos/field-mask/apply.ts";
export {
  type AnswerOptions,
  defineMethod,
  type ProtoMethod,
  type RunOptions,
} from "./protos/method/define.ts";
export {
  type AnswerHandlerOptions,
  defineHandler,
  type Descriptors,
  type HandlerOptions,
  readDescriptors,
} from "./protos/method/descriptors.ts";
