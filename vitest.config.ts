import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const SECRET = "a test secret, which is known to everybody";

export default defineConfig({
  test: {
    // The service logs a line for each request: shown where a test fails.
    silent: "passed-only",
    projects: [
      { test: { name: "unit", environment: "node", include: ["test/unit/**/*.test.ts"] } },
      {
        plugins: [
          cloudflareTest(async () => ({
            main: "./test/worker/main.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                JWT_SECRET: SECRET,
                ALLOWED_ORIGINS: "https://app.example.com",
                RATE_LIMIT_MODE: "off",
                R2_S3_ENDPOINT: "https://storage.test",
                R2_ACCESS_KEY_ID: "a test key",
                R2_SECRET_ACCESS_KEY: "a test secret of the storage",
                TEST_MIGRATIONS: await readD1Migrations("./migrations"),
              },
            },
          })),
        ],
        test: {
          name: "worker",
          include: ["test/{worker,contract}/**/*.test.ts"],
          setupFiles: ["./test/worker/setup.ts"],
          testTimeout: 30_000,
          // Tests share no names, so one runtime serves all files: starting it costs more than most of them.
          isolate: false,
        },
      },
    ],
  },
});
