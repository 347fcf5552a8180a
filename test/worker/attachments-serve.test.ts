import { env } from "cloudflare:workers";
import { newAttachmentId } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { bytes, HTML, png, SVG } from "../attachments/samples.ts";
import { fetchBytes, PNG, pair, sample, sendFile, stored, upload } from "./attachments-kit.ts";
import { expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, person } from "./kit.ts";

afterEach(() => {
  faults.d1Down = false;
  faults.r2Down = false;
});

describe("serving", () => {
  it("[R26] the bytes, with what keeps a browser from running them", async () => {
    const { ann, bob, id } = await pair();
    const { url } = await sendFile(ann, id);
    for (const who of [ann, bob]) {
      const { status, headers, bytes: served } = await fetchBytes(who, url);
      expect([status, served]).toEqual([200, PNG.bytes]);
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-type": "image/png",
        "content-length": String(PNG.bytes.length),
        "content-disposition": "inline; filename=photo.png",
        "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "private, max-age=3600",
        "accept-ranges": "bytes",
        etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
        vary: expect.stringContaining("Authorization"),
      });
    }
  });

  it.each([
    ["HTML", HTML, "text/html"],
    ["SVG", SVG, "image/svg+xml"],
    ["JavaScript", bytes("alert(1)"), "text/javascript"],
    ["XML", bytes("<?xml version='1.0'?><x/>"), "application/xml"],
    ["PDF", sample("application/pdf", "file").bytes, "application/pdf"],
    ["an image that is sent as a file", png(), "image/png"],
  ])("[R26] %s is a download, of no type that runs", async (_, content, mime_type) => {
    const { ann, id } = await pair();
    const { url } = await sendFile(ann, id, {
      bytes: content,
      mime_type,
      attachment_type: "file",
      file_name: "прайс.html",
    });
    const { headers, bytes: served } = await fetchBytes(ann, url);
    expect(served).toEqual(content);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    const name = "%D0%BF%D1%80%D0%B0%D0%B9%D1%81.html";
    expect(headers.get("content-disposition")).toBe(
      `attachment; filename="?????.html"; filename*=UTF-8''${name}`,
    );
  });

  it("[R4 R26 CORS-7] a page of a named origin may read the bytes, a part of them and refusals", async () => {
    const { ann, id } = await pair();
    const { url } = await sendFile(ann, id);
    const etag = (await fetchBytes(ann, url)).headers.get("etag") ?? "";
    for (const [extra, status] of [
      [{}, 200],
      [{ range: "bytes=0-3" }, 206],
      [{ "if-none-match": etag }, 304],
      [{ range: "bytes=999999999-" }, 416],
    ] as const) {
      for (const origin of ["https://app.example.com", "https://evil.example"]) {
        const { status: got, headers } = await fetchBytes(ann, url, { ...extra, origin });
        const named = headers.get("access-control-allow-origin");
        expect([got, named]).toEqual([status, origin.includes("evil") ? null : origin]);
        expect(headers.get("vary")).toContain("Origin");
      }
    }
  });

  it("[R26] ranges, conditions and HEAD", async () => {
    const { ann, id } = await pair();
    const content = Uint8Array.from({ length: 1000 }, (_, i) => i & 255);
    const { url } = await sendFile(ann, id, {
      bytes: content,
      mime_type: "application/x-any",
      attachment_type: "file",
      file_name: "any",
    });
    const part = async (range: string, extra = {}) => await fetchBytes(ann, url, { range, ...extra });
    const middle = await part("bytes=300-399");
    expect([middle.status, middle.bytes]).toEqual([206, content.subarray(300, 400)]);
    expect(middle.headers.get("content-range")).toBe("bytes 300-399/1000");
    expect((await part("bytes=-10")).bytes).toEqual(content.subarray(990));
    expect((await part("bytes=990-2000")).headers.get("content-range")).toBe("bytes 990-999/1000");
    const beyond = await part("bytes=1000-");
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */1000"]);
    expect(JSON.parse(new TextDecoder().decode(beyond.bytes))).toMatchObject({ code: "VALIDATION_ERROR" });
    for (const ignored of ["bytes=0-1,5-6", "bytes=x", "lines=1-2"])
      expect((await part(ignored)).bytes).toHaveLength(1000);
    const etag = middle.headers.get("etag") ?? "";
    expect((await part("bytes=0-0", { "if-range": etag })).status).toBe(206);
    expect((await part("bytes=0-0", { "if-range": '"other"' })).status).toBe(200);
    const unmodified = await fetchBytes(ann, url, { "if-none-match": etag });
    expect([unmodified.status, unmodified.bytes.length, unmodified.headers.get("etag")]).toEqual([
      304,
      0,
      etag,
    ]);
    const head = await fetchBytes(ann, url, {}, "HEAD");
    expect([head.status, head.bytes.length, head.headers.get("etag")]).toEqual([200, 0, etag]);
  });

  it("[R6 R26] members only, and only those who see the message", async () => {
    const { ann, bob, id } = await pair();
    const { url, message_id } = await sendFile(ann, id);
    const eve = await person("eve");
    expectError(await api(eve, "GET", url.slice("/api/v1".length)), "FORBIDDEN");
    expectError(await api(undefined, "GET", url.slice("/api/v1".length)), "UNAUTHORIZED");
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: eve.user_id });
    expectError(await api(eve, "GET", url.slice("/api/v1".length)), "NOT_FOUND");
    await api(bob, "DELETE", `/messages/${message_id}`);
    expect((await fetchBytes(bob, url)).status).toBe(404);
    expect((await fetchBytes(ann, url)).status).toBe(200);
    await api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
    expectError(await api(bob, "GET", url.slice("/api/v1".length)), "FORBIDDEN");
  });

  it("[R26] what was not sent is served to nobody, its uploader included", async () => {
    const { ann, bob, id } = await pair();
    const unsent = await upload(ann, id, PNG);
    for (const attachment_id of [
      unsent,
      newAttachmentId(id),
      `${id.slice(0, -12)}000000000001`,
      crypto.randomUUID(),
    ]) {
      for (const who of [ann, bob])
        expectError(await api(who, "GET", `/attachments/${attachment_id}`), "NOT_FOUND");
    }
    expectError(await api(ann, "GET", "/attachments/x"), "VALIDATION_ERROR");
  });

  it("[R26] only the bytes that were checked are ever served", async () => {
    const { ann, id } = await pair();
    const { url } = await sendFile(ann, id);
    const [key] = await stored(id);
    await env.ATTACHMENTS.put(key ?? "", HTML);
    for (const method of ["GET", "HEAD"]) expect((await fetchBytes(ann, url, {}, method)).status).toBe(404);
    expect((await fetchBytes(ann, url, { range: "bytes=0-5" })).status).toBe(404);
  });

  it("[D1DOWN R26] while the directory is down", async () => {
    const { ann, bob, id } = await pair();
    const { url } = await sendFile(ann, id);
    faults.d1Down = true;
    expect((await fetchBytes(bob, url)).status).toBe(200);
  });
});
