/** Three databases, three sets of migrations: `npm run migrations` makes what a change of a schema needs. */
import { defineConfig } from "drizzle-kit";

const targets = {
  directory: {
    schema: "./src/directory/*schema.ts",
    out: "./migrations",
  },
  conversation: {
    schema: "./src/conversation/state/schema.ts",
    out: "./src/conversation/state/migrations",
    driver: "durable-sqlite",
  },
  hub: { schema: "./src/user-hub/schema.ts", out: "./src/user-hub/migrations", driver: "durable-sqlite" },
} as const;

const target = process.env.TARGET as keyof typeof targets;
export default defineConfig({ dialect: "sqlite", ...targets[target] });
