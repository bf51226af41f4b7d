/** A failed test, as Node's test runner reports it in the Test Anything Protocol. */
export interface FailedTest {
  readonly name: string;
  /** The file that contains the test, as an absolute path; empty if the runner does not say. */
  readonly file: string;
}

const NOT_OK = /^\s*not ok \d+(?: - (?<name>.*))?$/;
const LOCATION = /^\s*location: '(?<file>.*):\d+:\d+'$/;
const END = /^\s*\.\.\.$/;

/**
 * Finds the first failed test in the output of a run, which arrives in pieces. A test's failure is
 * reported before its suite's.
 */
export class FirstFailure {
  #rest = "";
  #name: string | undefined;
  #file = "";
  #found: FailedTest | undefined;

  /** Takes the next piece. @returns the failure, once it is known */
  take(text: string): FailedTest | undefined {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#read(line);
    return this.#found;
  }

  #read(line: string): void {
    if (this.#found !== undefined) return;
    const failed = NOT_OK.exec(line);
    if (failed !== null && !/ # (?:todo|skip)\b/i.test(line)) this.#name = failed.groups?.["name"] ?? "";
    else if (this.#name === undefined) return;
    else if (END.test(line)) this.#found = { name: this.#name, file: this.#file };
    else this.#file = LOCATION.exec(line)?.groups?.["file"] ?? this.#file;
  }
}
