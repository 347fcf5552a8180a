/** Files in a room: chosen, dropped, pasted, on their way, and as messages. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import type { Guest } from "./kit.ts";
import { Chat } from "./kit.ts";
import { composer, enter, makeRoom, row } from "./room-kit.ts";

/** A PNG of one colour. */
function png(width: number, height: number, rgb: [number, number, number]): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const whole = Buffer.alloc(8 + body.length);
    whole.writeUInt32BE(data.length, 0);
    body.copy(whole, 4);
    whole.writeUInt32BE(crc32(body), 4 + body.length);
    return whole;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.concat([Buffer.from([0]), Buffer.concat(Array(width).fill(Buffer.from(rgb)))]);
  const pixels = deflateSync(Buffer.concat(Array(height).fill(line)));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A WAV of silence. @param seconds how long. */
function wav(seconds: number): Buffer {
  const rate = 8_000;
  const data = Buffer.alloc(rate * seconds, 128);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

const PICTURE = { name: "lake.png", mimeType: "image/png", buffer: png(600, 300, [40, 120, 200]) };
const OTHER = { name: "peak.png", mimeType: "image/png", buffer: png(200, 400, [200, 90, 40]) };

const attach = (guest: Guest, files: { name: string; mimeType: string; buffer: Buffer }[]) =>
  guest.page.locator('input[type="file"]').setInputFiles(files);

describe("files in a room", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  const both = async () => {
    const room = await makeRoom(chat);
    return {
      room,
      ada: await enter(chat, room.names.ada, room.id),
      ben: await enter(chat, room.names.ben, room.id),
    };
  };

  it("[ROOMVIEW-20] pictures with a caption arrive in their shape, and open in full view with keys for the next", async () => {
    const { ada, ben } = await both();
    await attach(ada, [PICTURE]);
    await ada.page.getByRole("list", { name: "Attached files" }).getByText("lake.png").waitFor();
    await composer(ada).fill("The lake");
    await composer(ada).press("Enter");
    const picture = row(ben, "The lake").getByRole("button", { name: "Open the picture lake.png" });
    await picture.waitFor();
    const box = await picture.boundingBox();
    assert.ok(
      box && Math.abs(box.width / box.height - 2) < 0.05,
      `the box is ${box?.width} by ${box?.height}`,
    );
    await attach(ada, [OTHER]);
    await ada.page.getByRole("button", { name: "Send" }).click();
    const second = ben.page.getByRole("button", { name: "Open the picture peak.png" });
    await second.waitFor();
    await second.click();
    const dialog = ben.page.getByRole("dialog", { name: "peak.png" });
    await dialog.waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Next" }).count(), 0);
    await ben.page.keyboard.press("ArrowLeft");
    await ben.page.getByRole("dialog", { name: "lake.png" }).waitFor();
    await ben.page.keyboard.press("+");
    await ben.page.getByRole("button", { name: "Fit to the window" }).waitFor();
    await ben.hasNoViolations();
    await ben.page.keyboard.press("Escape");
    await ben.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("[ROOMVIEW-21] several files go in one message; sound plays; a file downloads under its name", async () => {
    const { ada, ben } = await both();
    await attach(ada, [PICTURE, OTHER]);
    await ada.page.getByRole("button", { name: "Remove peak.png" }).click();
    await attach(ada, [
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("Bring water") },
      { name: "bell.wav", mimeType: "audio/wav", buffer: wav(3) },
    ]);
    await ada.page.getByRole("button", { name: "Send" }).click();
    const file = ben.page.getByRole("button", { name: /^Download notes.txt/ });
    await file.waitFor();
    const [download] = await Promise.all([ben.page.waitForEvent("download"), file.click()]);
    assert.equal(download.suggestedFilename(), "notes.txt");
    assert.equal(await ben.page.getByRole("button", { name: /peak.png/ }).count(), 0);
    await attach(ada, [{ name: "bell.wav", mimeType: "audio/wav", buffer: wav(3) }]);
    await ada.page.getByRole("button", { name: "Send" }).click();
    const sound = ben.page.getByRole("article").filter({ has: ben.page.getByRole("slider") });
    await sound.last().getByText("0:03").waitFor();
    await sound.last().getByRole("button", { name: "Play bell.wav" }).click();
    await sound.last().getByRole("button", { name: "Pause" }).waitFor();
  });

  it("[ROOMVIEW-22] files are dropped and pasted, and what cannot be sent is said in words", async () => {
    const { ada } = await both();
    const give = (type: "drop" | "paste", name: string, size: number) =>
      ada.page.evaluate(
        ([kind, label, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], label, { type: "image/png" }));
          const target = document.querySelector("textarea");
          const init = { bubbles: true, cancelable: true };
          if (kind === "paste")
            target?.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: data }));
          else target?.dispatchEvent(new DragEvent("drop", { ...init, dataTransfer: data }));
        },
        [type, name, size] as const,
      );
    await give("drop", "dropped.png", 10);
    await give("paste", "pasted.png", 10);
    const tray = ada.page.getByRole("list", { name: "Attached files" });
    await tray.getByText("dropped.png").waitFor();
    await tray.getByText("pasted.png").waitFor();
    await give("drop", "huge.png", 21 * 1024 * 1024);
    await ada.page.getByText("“huge.png” is too large").waitFor();
    await give("drop", "empty.png", 0);
    await ada.page.getByText("“empty.png” is empty.").waitFor();
    assert.equal(await tray.getByRole("listitem").count(), 2);
  });

  it("[ROOMVIEW-23] an upload shows its progress and can be cancelled; one that fails says why, and is tried again", async () => {
    const { ada } = await both();
    let isOpen = false;
    // Holds the bytes back, as a slow network does.
    await ada.page.route(/local-s3|r2|X-Amz/, async (route) => {
      while (!isOpen) await new Promise((resolve) => setTimeout(resolve, 50));
      await route.continue().catch(() => undefined);
    });
    await attach(ada, [PICTURE]);
    await ada.page.getByRole("button", { name: "Send" }).click();
    await ada.page.getByRole("progressbar", { name: "Uploading" }).waitFor();
    await ada.page.getByRole("button", { name: "Cancel the upload" }).click();
    await ada.page.getByRole("progressbar").waitFor({ state: "detached" });
    assert.equal(
      await ada.page
        .getByRole("article")
        .filter({ has: ada.page.getByRole("button", { name: /lake/ }) })
        .count(),
      0,
    );
    isOpen = true;
    await attach(ada, [
      { name: "fake.png", mimeType: "image/png", buffer: Buffer.from("<html>no picture</html>") },
    ]);
    await ada.page.getByRole("button", { name: "Send" }).click();
    // What the browser cannot read as a picture goes as a file.
    await ada.page.getByRole("button", { name: /^Download fake.png/ }).waitFor();
  });
});
