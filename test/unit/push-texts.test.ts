import { describe, expect, it } from "vitest";
import { shownText } from "../../src/push/shown-text.ts";
import { TEXTS, wordsFor } from "../../src/push/texts/words.ts";
import { inGroup, notification } from "../push/samples.ts";

const LANGUAGES = "en de fr es pt it tr nl pl ru uk ar he ja ko zh hi id".split(" ");

/** Title and body. */
function lines(...[push, preview, locale]: Parameters<typeof shownText>): [string, string] {
  const { title, body } = shownText(push, preview, locale);
  return [title, body];
}

describe("what a notification says", () => {
  it("[PUSH-P2] a message shows its sender, in a group the group", () => {
    expect(lines(notification(), "full", "en")).toEqual(["Ann", "Hello"]);
    expect(lines(inGroup(), "full", "en")).toEqual(["Hikers", "Ann: Hello"]);
  });

  it("[PUSH-P2] it says how many there are", () => {
    expect(lines(notification({ unread_count: 3 }), "full", "en")).toEqual(["Ann · 3 new messages", "Hello"]);
    expect(lines(inGroup({ unread_count: 3 }), "full", "de")).toEqual([
      "Hikers · 3 neue Nachrichten",
      "Ann: Hello",
    ]);
    expect(lines(inGroup({ unread_count: 3 }), "sender", "en")).toEqual(["Hikers", "3 new messages"]);
    expect(lines(notification({ unread_count: 3 }), "hidden", "en")).toEqual(["3 new messages", ""]);
  });

  it("[PUSH-P2] `sender` has no text, `hidden` no name either", () => {
    expect(lines(notification(), "sender", "en")).toEqual(["Ann", "New message"]);
    expect(lines(inGroup(), "sender", "en")).toEqual(["Hikers", "Ann: New message"]);
    expect(lines(inGroup({ kind: "mention" }), "sender", "en")).toEqual(["Hikers", "Ann mentioned you"]);
    for (const kind of ["message", "mention", "edited", "added"] as const) {
      expect(lines(inGroup({ kind }), "hidden", "en")).toEqual(["New message", ""]);
    }
  });

  it("[PUSH-P2] mentions, additions and files have words of their own", () => {
    expect(lines(inGroup({ kind: "mention" }), "full", "fr")).toEqual([
      "Hikers",
      "Ann vous a mentionné: Hello",
    ]);
    expect(lines(inGroup({ kind: "added", text: "" }), "full", "en")).toEqual([
      "Hikers",
      "Ann added you to Hikers",
    ]);
    expect(lines(notification({ text: "", message_type: "image" }), "full", "ja")).toEqual(["Ann", "写真"]);
    expect(lines(notification({ text: "", message_type: "toString" }), "full", "en")).toEqual([
      "Ann",
      "New message",
    ]);
    expect(lines(notification({ kind: "test", text: "It works", sender: null }), "hidden", "en")).toEqual([
      "New message",
      "It works",
    ]);
  });

  it("[PUSH-P2] a name cannot pass for a placeholder", () => {
    const sender = { ...notification().sender, display_name: "{group}" } as NonNullable<
      ReturnType<typeof notification>["sender"]
    >;
    expect(lines(inGroup({ kind: "added", sender }), "full", "en")[1]).toBe("{group} added you to Hikers");
  });

  it.each([
    ["de-AT", "de"],
    ["pt_BR", "pt"],
    ["iw_IL", "he"],
    ["in", "id"],
    ["zh-Hant-TW", "zh"],
    ["xx", "en"],
    ["no such tag!", "en"],
    ["toString", "en"],
    [null, "en"],
  ])("[PUSH-P3] the locale %s is read as %s", (locale, language) => {
    expect(wordsFor(locale).language).toBe(language);
  });

  it("[PUSH-P3] every language has all words, and every form of a number that it needs", () => {
    expect(Object.keys(TEXTS).sort()).toEqual([...LANGUAGES].sort());
    for (const [language, texts] of Object.entries(TEXTS)) {
      const { new_messages, ...words } = texts;
      expect(texts.mentioned, language).toContain("{name}");
      expect(texts.added.match(/\{\w+\}/g)?.sort(), language).toEqual(["{group}", "{name}"]);
      expect(Object.values(words).every((word) => word !== "")).toBe(true);
      const rules = new Intl.PluralRules(language);
      for (let count = 2; count <= 120; count++)
        expect(new_messages[rules.select(count)], language).toBeDefined();
      expect(
        Object.keys(new_messages).filter(
          (form) => !rules.resolvedOptions().pluralCategories.includes(form as never),
        ),
      ).toEqual([]);
    }
  });

  it.each([
    ["pl", 2, "2 nowe wiadomości"],
    ["pl", 5, "5 nowych wiadomości"],
    ["ru", 21, "21 новое сообщение"],
    ["ar", 2, "رسالتان جديدتان"],
    ["he", 3, "3 הודעות חדשות"],
    ["en", 1234, "1,234 new messages"],
  ])("[PUSH-P3] in %s, %i are %s", (language, count, text) => {
    expect(wordsFor(language).newMessages(count)).toBe(text);
  });

  it("[PUSH-P3] Arabic and Hebrew are written from the right", () => {
    const from = (locale: string) => shownText(notification(), "full", locale).isRightToLeft;
    expect(["ar-EG", "he", "en", "ja"].map(from)).toEqual([true, true, false, false]);
  });
});
