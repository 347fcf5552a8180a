import { describe, expect, it } from "vitest";
import { headersFile, pagePolicy, parsePageSettings } from "../../scripts/page-headers.ts";

const settings = (given: object = {}) => parsePageSettings(JSON.stringify(given));

describe("the settings of the chat page", () => {
  it("[PAGE-7] the policy allows this host alone, nothing inline, and no frame", () => {
    const policy = pagePolicy(settings());
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
  });

  it("[PAGE-7] the policy allows what is set: a service elsewhere with its sockets, uploads, tokens, and frames", () => {
    const given = {
      api: "https://api.example.com/",
      token_endpoint: "https://login.example.com/token?app=chat",
      storage_origins: ["https://*.r2.cloudflarestorage.com"],
      parent_origins: ["https://app.example.com"],
    };
    const policy = pagePolicy(settings(given));
    expect(policy).toContain(
      "connect-src 'self' https://api.example.com wss://api.example.com https://login.example.com https://*.r2.cloudflarestorage.com",
    );
    expect(policy).toContain("media-src 'self' blob: https://api.example.com");
    expect(policy).toContain("frame-ancestors 'self' https://app.example.com");
    const [, page = ""] = headersFile(settings(given)).split(/^\/$/m);
    expect(page).toContain("! X-Frame-Options");
  });

  it("[PAGE-7] a deployment without the page has no policy for it", () => {
    expect(headersFile(settings({ enabled: false }))).not.toContain("script-src");
  });

  it.each([
    [{ parent_origins: ["*"] }, "parent_origins"],
    [{ parent_origins: ["https://*.example.com"] }, "parent_origins"],
    [{ parent_origins: ["https://app.example.com; script-src *"] }, "parent_origins"],
    [{ storage_origins: "https://x.example" }, "storage_origins"],
    [{ enabled: "no" }, "enabled"],
    [{ token_endpoint: 1 }, "token_endpoint"],
    [{ tokens: true }, "tokens"],
  ])("[PAGE-7] %j is refused, with the name of the setting", (given, name) => {
    expect(() => settings(given)).toThrow(name);
  });
});
