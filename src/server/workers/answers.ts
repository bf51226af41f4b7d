import type { Failure } from "../../core/operation/operation.ts";
import { LIMITS } from "../../core/limits.ts";

const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";
/** The length to which a message is cut if the answers are too large. */
const SHORT_MESSAGE = 256;

/**
 * Limits answers to the size of one message: errors beyond it keep only the code, the ErrorInfo and
 * the beginning of the message. Each of a thousand entries can have many mistakes.
 */
export function fittingAnswers<A extends { readonly error: Failure | undefined }>(
  answers: readonly A[],
): readonly A[] {
  let text = 0;
  return answers.map((answer) => {
    const { error } = answer;
    if (error === undefined) return answer;
    const length = lengthOf(error);
    text += length;
    if (text <= LIMITS.remoteErrorsTextMax) return answer;
    text -= length;
    const short = shortened(error);
    text += lengthOf(short);
    return { ...answer, error: short };
  });
}

function lengthOf({ message, details }: Failure): number {
  return message.length + JSON.stringify(details).length;
}

function shortened({ code, message, details }: Failure): Failure {
  const cut = message.length <= SHORT_MESSAGE ? message : `${message.slice(0, SHORT_MESSAGE - 1)}…`;
  const info = details.filter((each) => each["@type"] === ERROR_INFO);
  return { code, message: cut.toWellFormed(), details: info };
}
