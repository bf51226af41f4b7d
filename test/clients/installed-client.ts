import { spawnSync } from "node:child_process";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** A client that `npm install` does not install. */
export interface InstalledClient {
  readonly name: string;
  /**
   * The executable, or undefined if it is missing. It is looked for only when needed, because some
   * take a second to start.
   */
  readonly command: string | undefined;
  /** How to get it, as a sentence. */
  readonly install: string;
  /**
   * Whether it may be missing even if `CI=true` promises that everything is installed, because
   * Debian does not have it.
   */
  readonly isOptional?: boolean;
}

/** The results of {@link firstThatRuns}, by its arguments. */
const found = new Map<string, string | undefined>();

/**
 * The first of some executables that succeeds with these arguments. Each is tried once in a
 * process.
 */
export function firstThatRuns(
  commands: readonly string[],
  parameters: readonly string[],
): string | undefined {
  const key = JSON.stringify([commands, parameters]);
  if (!found.has(key)) {
    const runs = (command: string) => spawnSync(command, parameters, { timeout: 30_000 }).status === 0;
    found.set(key, commands.find(runs));
  }
  return found.get(key);
}

/**
 * Google's own Python client. Debian's interpreter comes first, because others on the path rarely
 * have it.
 */
export const PYTHON_CLIENT: InstalledClient = {
  name: "Google's Python client",
  get command() {
    return firstThatRuns(
      ["/usr/bin/python3", "python3"],
      ["-c", "import googleapiclient.discovery, googleapiclient.errors"],
    );
  },
  install:
    "Install it with: apt-get install python3-googleapi (or google-api-python-client for another python3).",
};

/** The base of all of Google's Python libraries for its cloud; Debian does not have all of it. */
export const PYTHON_API_CORE: InstalledClient = {
  name: "google-api-core",
  get command() {
    return firstThatRuns(
      ["/usr/bin/python3", "python3"],
      ["-c", "import google.api_core.operations_v1, google.api_core.grpc_helpers, google.oauth2.credentials"],
    );
  },
  install: "Install it with: pip install google-api-core[grpc]",
  isOptional: true,
};

const INSTALLED = fileURLToPath(new URL("./.installed/python/bin/python", import.meta.url));

/** Google's current clients for Python, in a folder of their own, because Debian's are older. */
export const PYTHON_CLOUD: InstalledClient = {
  name: "Google's current Python client of Cloud Redis",
  get command() {
    return firstThatRuns(
      [INSTALLED, "python3"],
      ["-c", "import google.cloud.redis_v1, googleapiclient.discovery"],
    );
  },
  install:
    "Install it with: python3 -m venv test/clients/.installed/python && " +
    "test/clients/.installed/python/bin/pip install -r test/clients/python/requirements.txt",
  isOptional: true,
};

/** Maven, which finds Google's Java clients in its cache or in its central repository. */
export const MAVEN: InstalledClient = {
  name: "Maven",
  get command() {
    return firstThatRuns(["mvn"], ["--version"]);
  },
  install: "Install it with: apt-get install maven (and a JDK of at least 17).",
  isOptional: true,
};

/** Google's Ruby client, with classes for every API of its time. */
export const RUBY_CLIENT: InstalledClient = {
  name: "Google's Ruby client",
  get command() {
    return firstThatRuns(["/usr/bin/ruby", "ruby"], ["-e", 'require "google/apis/redis_v1"']);
  },
  install: "Install it with: apt-get install ruby-google-api-client.",
  isOptional: true,
};

/**
 * Go, which builds Google's own Go client of operations; the modules come from its cache or its
 * proxy.
 */
export const GO: InstalledClient = {
  name: "Go",
  get command() {
    return firstThatRuns(["go", "/usr/local/go/bin/go"], ["version"]);
  },
  install: "Install it as https://go.dev/doc/install says.",
  isOptional: true,
};

/** gRPC for Python, without any library of Google's. */
export const PYTHON_GRPC: InstalledClient = {
  name: "Python's grpcio",
  get command() {
    return firstThatRuns(
      ["/usr/bin/python3", "python3"],
      ["-c", "import grpc, google.protobuf.message_factory"],
    );
  },
  install:
    "Install it with: apt-get install python3-grpcio python3-protobuf (or grpcio and protobuf for another python3).",
};

export const CURL: InstalledClient = {
  name: "curl",
  get command() {
    return firstThatRuns(["curl"], ["--version"]);
  },
  install: "Install it with: apt-get install curl.",
};

/** Python's usual HTTP client, which Google's clients bring along. */
export const PYTHON_REQUESTS: InstalledClient = {
  name: "Python's requests",
  get command() {
    return firstThatRuns([INSTALLED, "/usr/bin/python3", "python3"], ["-c", "import requests"]);
  },
  install: "Install it with: apt-get install python3-requests (or pip install requests).",
  isOptional: true,
};

export const CHROMIUM: InstalledClient = {
  name: "Chromium",
  get command() {
    return firstThatRuns(["/usr/bin/chromium", "chromium"], ["--version"]);
  },
  install: "Install it with: apt-get install chromium.",
};

/** Google's command line. Debian does not have it; Google distributes it. */
export const GCLOUD: InstalledClient = {
  name: "gcloud",
  get command() {
    return firstThatRuns(["gcloud"], ["--version"]);
  },
  install: "Install the package google-cloud-cli as https://cloud.google.com/sdk/docs/install says.",
  isOptional: true,
};

/** A test of an installed client. It fails after a minute and a half. */
type Story = (t: TestContext, command: string) => Promise<void>;

/**
 * Declares a test that needs a client. On a machine without the client, the test is skipped by
 * name, with a sentence on how to get it. If `CI=true` promises that everything is installed, it
 * fails instead.
 */
export function clientTest(client: InstalledClient, name: string, story: Story): void {
  const { command, install, isOptional = false } = client;
  const missing = `${client.name} is not installed. ${install}`;
  const mustBeThere = process.env["CI"] === "true" && !isOptional;
  const skip = command === undefined && !mustBeThere ? missing : false;
  void test(name, { skip, timeout: 240_000 }, async (t) => {
    if (command === undefined) throw new Error(missing);
    await story(t, command);
  });
}
