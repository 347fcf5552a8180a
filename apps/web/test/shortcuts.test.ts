import { describe, expect, it } from "vitest";
import { shortcutOf } from "../src/app/shortcuts.ts";

const press = (key: string, code: string, ...held: ("altKey" | "ctrlKey" | "metaKey" | "shiftKey")[]) => {
  const none = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };
  return { key, code, ...none, ...Object.fromEntries(held.map((name) => [name, true])) };
};

describe("the keys of the page", () => {
  it.each([
    [press("k", "KeyK", "ctrlKey"), "search"],
    [press("k", "KeyK", "metaKey"), "search"],
    // An Arabic keyboard.
    [press("ن", "KeyK", "ctrlKey"), "search"],
    [press("K", "KeyK", "ctrlKey", "shiftKey"), undefined],
    [press("k", "KeyK"), undefined],
    [press("/", "Slash", "ctrlKey"), "help"],
    [press("/", "Slash"), undefined],
    // Option and N on a Mac.
    [press("˜", "KeyN", "altKey"), "new"],
    [press("n", "KeyN"), undefined],
    [press("ArrowUp", "ArrowUp", "altKey"), "previous"],
    [press("ArrowDown", "ArrowDown", "altKey"), "next"],
    [press("ArrowDown", "ArrowDown"), undefined],
    // AltGr, which types letters on many keyboards.
    [press("ArrowDown", "ArrowDown", "altKey", "ctrlKey"), undefined],
    [press("Escape", "Escape"), "close"],
  ])("[PAGE-12] %j is %s", (event, shortcut) => {
    expect(shortcutOf(event)).toBe(shortcut);
  });
});
