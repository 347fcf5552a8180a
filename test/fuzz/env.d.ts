declare namespace Cloudflare {
  interface Env {
    /** What to run, as JSON; see fuzz.test.ts. */
    FUZZ: string;
  }
}
