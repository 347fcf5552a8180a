import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";
import { startPushStandIns } from "./test/push/start.ts";

const SECRET = "a test secret, which is known to everybody";

/** Memory that looks like a folder. A container may have 64 MB of it, which is not enough. */
const MEMORY = "/dev/shm";
const MEMORY_BYTES = 2 ** 32;

/** Lets the databases of tests lie in memory where there is some: on a disk each commit waits for it, some 100,000 times. */
function keepInMemory(): void {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize < MEMORY_BYTES) return;
    const folder = mkdtempSync(`${MEMORY}/rocket-chat-tests-`);
    process.env.TMPDIR = folder;
    process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  } catch {
    // There is none, as on macOS and Windows: the usual folder for temporary files it is.
  }
}
keepInMemory();

/** How much the fuzz runs; `npm run fuzz` asks for more. */
const FUZZ = JSON.stringify({
  from: Number(process.env.FUZZ_FROM ?? 1),
  seeds: Number(process.env.FUZZ_SEEDS ?? 100),
  steps: Number(process.env.FUZZ_STEPS ?? 100),
  budget_s: Number(process.env.FUZZ_BUDGET_S ?? 20),
  screens: process.env.FUZZ_SCREENS === "true",
  safety: process.env.FUZZ_SAFETY === "true",
});

/** Ends what was started beside the runtimes. */
const stops: (() => Promise<void>)[] = [];

/** Starts push providers that tests can ask what they got, for one runtime. @returns bindings that lead it there. */
async function pushBindings(): Promise<Record<string, string>> {
  const { control, settings, stop } = await startPushStandIns();
  stops.push(stop);
  return { ...settings, PUSH_CONTROL: control };
}

/**
 * The service in its own runtime, for tests that run inside of it. A project has one for each of its workers.
 * @param hasPush leads it to push providers of its own, so that no test of another runtime resets them.
 */
function service({ hasPush }: { hasPush: boolean }) {
  return cloudflareTest(async () => ({
    main: "./test/worker/main.ts",
    wrangler: { configPath: "./wrangler.toml" },
    miniflare: {
      bindings: {
        JWT_SECRET: SECRET,
        IDENTITY_SECRET: "a test secret that ids are made with",
        ALLOWED_ORIGINS: "https://app.example.com",
        RATE_LIMIT_MODE: "off",
        R2_S3_ENDPOINT: "https://storage.test",
        R2_ACCESS_KEY_ID: "a test key",
        R2_SECRET_ACCESS_KEY: "a test secret of the storage",
        TEST_MIGRATIONS: await readD1Migrations("./migrations"),
        FUZZ,
        ...(hasPush ? await pushBindings() : {}),
      },
    },
  }));
}

/** The tests of one folder, in one runtime. */
function inRuntime(name: string) {
  return {
    plugins: [service({ hasPush: true })],
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      setupFiles: ["./test/worker/setup.ts"],
      testTimeout: 60_000,
      // Some hooks wait for the next minute, when budgets begin again.
      hookTimeout: 60_000,
      // Real sockets and alarms on a machine that is busy: a test that only passes the second time is shown as such, and is to
      // be mended (docs/testing.md).
      retry: 1,
      // What sockets hear is there within milliseconds, unless the machine is busy.
      expect: { poll: { interval: 10, timeout: 15_000 } },
      // Tests share no names, so one runtime serves all files: starting it costs more than most of them.
      isolate: false,
    },
  };
}

/** Prints what a test has measured (`task.meta.figures`), which the log of a passed test would hide. */
const figures: Reporter = {
  onTestCaseResult(test) {
    const { figures: measured } = test.meta() as { figures?: string };
    if (measured !== undefined) process.stdout.write(`${measured}\n`);
  },
};

/** Names at the end what passed only when it was run again: it waits for a moment instead of an event, or counts what others do. */
const secondTries: Reporter = {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests("passed")]);
    const late = tests.filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0);
    if (late.length === 0) return;
    process.stdout.write(`Passed only at the second try; mend them (docs/testing.md, "How to wait"):\n`);
    for (const { module, fullName } of late)
      process.stdout.write(`  ${module.relativeModuleId}: ${fullName}\n`);
  },
};

/** Without it, what listens would keep the process. */
const ending: Reporter = {
  async onTestRunEnd() {
    await Promise.all(stops.splice(0).map(async (stop) => await stop()));
  },
};

export default defineConfig({
  test: {
    reporters: ["default", figures, secondTries, ending],
    // The service logs a line for each request: shown where a test fails.
    silent: "passed-only",
    // One more than a small machine has cores: a runtime waits for timers and alarms about a third of its time.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: ["test/unit/**/*.test.ts", "apps/web/test/**/*.test.ts"],
          // Decisions keep nothing between tests, so files share what they import: to load it for each would be most of the time.
          isolate: false,
          pool: "threads",
          // They take milliseconds. This is for machines that do much else.
          testTimeout: 30_000,
        },
      },
      // What starts processes of its own: the scripts, compilers.
      {
        test: {
          name: "tools",
          environment: "node",
          include: ["test/tools/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Some hundred processes start with the same code: what the first has compiled, the others load.
          env: {
            NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url)),
          },
        },
      },
      inRuntime("worker"),
      // Beside the other: tests wait for timers more than they compute.
      inRuntime("contract"),
      {
        // A runtime of its own: its directory begins with the tables of an older version.
        plugins: [service({ hasPush: false })],
        test: { name: "state", include: ["test/state/**/*.test.ts"], testTimeout: 30_000 },
      },
      {
        // A runtime of its own: it moves the clock, stops D1 and kills every object.
        plugins: [service({ hasPush: true })],
        test: {
          name: "fuzz",
          include: ["test/fuzz/**/*.test.ts"],
          setupFiles: ["./test/worker/setup.ts"],
        },
      },
    ],
  },
});
