declare namespace Cloudflare {
  interface Env extends ServiceEnv {
    TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
    /** The control interface of the push stand-ins; see test/push/README.md. */
    PUSH_CONTROL: string;
  }
  type ServiceEnv = import("../../src/env.ts").Env;
  interface GlobalProps {
    mainModule: typeof import("./main.ts");
  }
}

/** A file as text, by Vite. */
declare module "*?raw" {
  const text: string;
  export default text;
}

/** The part of the OpenAPI validator that needs no files; it comes without types. */
declare module "@seriousme/openapi-schema-validator/resolve.js" {
  export function checkRefs(document: object): { valid: boolean; errors?: unknown[] };
}
