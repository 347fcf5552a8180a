import { newAttachmentId } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { resized } from "../../src/attachments/resize.ts";
import { bytes, png } from "../attachments/samples.ts";
import { fetchBytes, PNG, pair, sample, sendFile } from "./attachments-kit.ts";
import { expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, person } from "./kit.ts";

afterEach(() => {
  faults.d1Down = false;
  vi.useRealTimers();
});

/** A link's path and query. */
function pathOf({ signed_url }: { signed_url: string }): string {
  const { pathname, search } = new URL(signed_url);
  return pathname + search;
}

async function linked(extra = "") {
  const { ann, bob, id } = await pair();
  const sent = await sendFile(ann, id);
  const { status, body } = await api(bob, "GET", `/attachments/${sent.attachment_id}/link${extra}`);
  expect(status).toBe(200);
  return { ann, bob, id, ...sent, link: body, path: pathOf(body) };
}

describe("signed links", () => {
  it("[R26 LINK-3] show the file to who has no token, with ranges and conditions", async () => {
    const { link, path } = await linked();
    expect(Date.parse(link.signed_url_expires_at) - Date.now()).toBeGreaterThan(599_000);
    expect(Date.parse(link.signed_url_expires_at) - Date.now()).toBeLessThanOrEqual(900_000);
    const whole = await fetchBytes(undefined, path);
    expect([whole.status, whole.bytes]).toEqual([200, PNG.bytes]);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "content-type": "image/png",
      "content-disposition": "inline; filename=photo.png",
      "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "cross-origin",
    });
    const maxAge = Number(/^private, max-age=(\d+)$/.exec(whole.headers.get("cache-control") ?? "")?.[1]);
    expect(maxAge).toBeGreaterThan(590);
    expect(maxAge).toBeLessThanOrEqual(900);
    const etag = whole.headers.get("etag") ?? "";
    const part = await fetchBytes(undefined, path, { range: "bytes=1-3" });
    expect([part.status, part.bytes]).toEqual([206, PNG.bytes.slice(1, 4)]);
    expect((await fetchBytes(undefined, path, { "if-none-match": etag })).status).toBe(304);
    expect((await fetchBytes(undefined, path, { range: "bytes=99999999-" })).status).toBe(416);
    const head = await fetchBytes(undefined, path, {}, "HEAD");
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(PNG.bytes.length)]);
    expect(whole.headers.get("ratelimit-limit")).toBeNull();
  });

  it("[R26 LINK-4] a link can be one to save the file, and that is signed", async () => {
    const { path } = await linked("?download=true");
    const saved = await fetchBytes(undefined, path);
    expect(saved.headers.get("content-disposition")).toBe("attachment; filename=photo.png");
    expect((await fetchBytes(undefined, path.replace("&download=1", ""))).status).toBe(403);
    const { path: shown } = await linked();
    expect((await fetchBytes(undefined, `${shown}&download=1`)).status).toBe(403);
  });

  it("[R26 LINK-5] nothing of a link can be changed", async () => {
    const { id, ann, path, attachment_id } = await linked();
    const other = await sendFile(ann, id, sample("image/png", "image", { bytes: png(5, 5) }));
    const changed = [
      path.replace(attachment_id, other.attachment_id),
      path.replace(attachment_id, newAttachmentId(id)),
      path.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 300}`),
      path.replace(/v=(.)/, (_, first) => `v=${first === "a" ? "b" : "a"}`),
      path.replace(/sig=(.)/, (_, first) => `sig=${first === "a" ? "b" : "a"}`),
    ];
    for (const one of changed) {
      expect(one).not.toBe(path);
      const { status, bytes: body } = await fetchBytes(undefined, one);
      expect([one, status]).toEqual([one, 403]);
      expect(JSON.parse(new TextDecoder().decode(body))).toMatchObject({ code: "FORBIDDEN" });
    }
    for (const malformed of [
      path.replace(/sig=[^&]*/, "sig=x"),
      path.replace(/expires=\d+/, "expires=1e9"),
    ]) {
      expect((await fetchBytes(undefined, malformed)).status).toBe(400);
    }
  });

  it("[R26 LINK-6] a link ends with its time", async () => {
    const { link, path } = await linked();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(link.signed_url_expires_at) - 1000 });
    expect((await fetchBytes(undefined, path)).status).toBe(200);
    vi.setSystemTime(Date.parse(link.signed_url_expires_at));
    const { status, bytes: body } = await fetchBytes(undefined, path);
    expect([status, JSON.parse(new TextDecoder().decode(body)).message]).toEqual([403, "The link has ended"]);
  });

  it("[R26 LINK-7] a link ends when the message is deleted", async () => {
    const { ann, path, message_id } = await linked();
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    expect((await fetchBytes(undefined, path)).status).toBe(404);
  });

  it("[R26 LINK-8] only who may see the attachment gets a link", async () => {
    const { bob, message_id, attachment_id } = await linked();
    const stranger = await person("stranger");
    const path = `/attachments/${attachment_id}/link`;
    expectError(await api(stranger, "GET", path), "FORBIDDEN");
    await api(bob, "DELETE", `/messages/${message_id}`);
    expectError(await api(bob, "GET", path), "NOT_FOUND");
    const { body } = await api(stranger, "POST", "/attachments/links", { attachment_ids: [attachment_id] });
    expect(body).toEqual({ links: [] });
  });

  it("[R26 LINK-9] up to fifty at once, in the order of the request, each as by itself", async () => {
    const { ann, id, attachment_id, link } = await linked();
    const second = await sendFile(ann, id);
    const unknown = newAttachmentId(id);
    const attachment_ids = [second.attachment_id, unknown, attachment_id];
    const { status, body } = await api(ann, "POST", "/attachments/links", { attachment_ids });
    expect(status).toBe(200);
    expect(body.links.map((one: { attachment_id: string }) => one.attachment_id)).toEqual([
      second.attachment_id,
      attachment_id,
    ]);
    // The same for everybody: a cache finds it.
    expect(body.links[1].attachment_id).toBe(link.attachment_id);
    const many = Array.from({ length: 51 }, () => newAttachmentId(id));
    expectError(await api(ann, "POST", "/attachments/links", { attachment_ids: many }), "VALIDATION_ERROR");
  });

  it("[R26 LINK-10] links are made and used while the directory is down", async () => {
    const { bob, attachment_id, path } = await linked();
    faults.d1Down = true;
    expect((await fetchBytes(undefined, path)).status).toBe(200);
    expect((await api(bob, "GET", `/attachments/${attachment_id}/link`)).status).toBe(200);
  });
});

describe("sizes of pictures", () => {
  it("[R26 LINK-11] without the platform's service a link with a width gives the original", async () => {
    const { path } = await linked();
    const { status, bytes: body } = await fetchBytes(undefined, `${path}&w=64`);
    expect([status, body]).toEqual([200, PNG.bytes]);
  });

  it("[R26 LINK-12] with it, the picture in the next step; the original where it fails or there is none smaller", async () => {
    const asked: unknown[] = [];
    const make = async (fails: boolean, attachment: object, wanted: number) => {
      const output = async (options: object) => {
        asked.push(options);
        if (fails) throw new Error("no image");
        return { image: () => new Response(bytes("small")).body };
      };
      const transform = (options: object) => {
        asked.push(options);
        return { output };
      };
      const IMAGES = { input: () => ({ transform }) } as unknown as ImagesBinding;
      const ATTACHMENTS = {
        get: async () => ({ etag: "e", body: new Response(PNG.bytes).body }),
      } as unknown as R2Bucket;
      const stored = {
        attachment_id: "a",
        type: "image",
        mime_type: "image/png",
        file_name: "p.png",
        etag: "e",
        key: "k",
      };
      return await resized(
        { IMAGES, ATTACHMENTS },
        { ...stored, file_size: 9, ...attachment } as never,
        wanted,
        {
          secondsLeft: 600,
          isDownload: false,
        },
      );
    };
    const small = await make(false, { width: 1000 }, 100);
    expect(await small?.text()).toBe("small");
    expect(small?.headers.get("etag")).toBe('"e-w128"');
    expect(asked).toEqual([{ width: 128, fit: "scale-down" }, { format: "image/png" }]);
    expect(await make(true, { width: 1000 }, 100)).toBeUndefined();
    expect(await make(false, { width: 100 }, 100)).toBeUndefined();
    expect(await make(false, { width: 1000, mime_type: "image/gif" }, 100)).toBeUndefined();
    expect(await make(false, { width: 1000, type: "file" }, 100)).toBeUndefined();
  });
});
