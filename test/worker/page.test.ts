import { SELF } from "cloudflare:test";
import { describe, expect, it } from "vitest";

describe("the host of the chat page", () => {
  it.each([
    ["GET", "/development/people"],
    ["POST", "/development/session"],
    ["GET", "/development/session"],
  ])("[PAGE-3] %s %s is not there in a deployment", async (method, path) => {
    const response = await SELF.fetch(`https://chat.test${path}`, { method });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "NOT_FOUND" });
  });

  it.each(["/api/nothing", "/nothing", "/assets/nothing.js"])(
    "[PAGE-6] %s stays a 404 in JSON",
    async (path) => {
      const response = await SELF.fetch(`https://chat.test${path}`);
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toContain("application/json");
    },
  );
});
