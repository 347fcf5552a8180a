/** A Vite plugin: the emoji of `emojibase-data` with what the picker needs of them, as the module `virtual:emoji`. */
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const NAME = "virtual:emoji";
/** Devices of the last years have pictures for these, and the service's engine knows them (rule 18). */
const NEWEST_VERSION = 15;
/** Tones and hair alone are no emoji to choose. */
const COMPONENTS = 2;
const TONES = ["light", "medium-light", "medium", "medium-dark", "dark"] as const;

interface Emoji {
  emoji: string;
  label: string;
  group?: number;
  tags?: string[];
  version: number;
  order?: number;
  skins?: (Emoji & { tone: number | number[] })[];
}

interface Messages {
  groups: { message: string; order: number }[];
  skinTones: { key: string; message: string }[];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What frimousse calls emoji data. */
function dataOf(all: Emoji[], { groups, skinTones }: Messages) {
  const shown = all.filter(
    ({ group, version }) => group !== undefined && group !== COMPONENTS && version <= NEWEST_VERSION,
  );
  const emojis = shown
    .sort((one, other) => (one.order ?? 0) - (other.order ?? 0))
    .map(({ emoji, label, group, tags = [], version, skins = [] }) => {
      const tones = skins.flatMap((skin) =>
        typeof skin.tone === "number" ? [[TONES[skin.tone - 1], skin.emoji]] : [],
      );
      const toned = tones.length === TONES.length ? { skins: Object.fromEntries(tones) } : {};
      return { emoji, label: capitalised(label), category: group, tags, version, ...toned };
    });
  const categories = groups
    .filter(({ order }) => order !== COMPONENTS)
    .map(({ message, order }) => ({ index: order, label: capitalised(message) }));
  const tones = Object.fromEntries(skinTones.map(({ key, message }) => [key, capitalised(message)]));
  return { locale: "en", emojis, categories, skinTones: tones };
}

/** The plugin. */
export function emojiData(): Plugin {
  const load = createRequire(import.meta.url);
  return {
    name: "emoji-data",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load(id) {
      if (id !== `\0${NAME}`) return undefined;
      const data = dataOf(load("emojibase-data/en/data.json"), load("emojibase-data/en/messages.json"));
      // As a text, which an engine reads several times faster than the same as code.
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(data))});`;
    },
  };
}
