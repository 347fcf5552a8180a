/** The words of a notification in the language of a device. */
import { de, en, es, fr, id, it, nl, pl, pt, tr } from "./latin.ts";
import { ar, he, hi, ja, ko, ru, uk, zh } from "./other-scripts.ts";
import type { Texts } from "./texts.ts";

/** The languages that there are. Others get English. */
export const TEXTS: Readonly<Record<string, Texts>> = {
  ...{ en, de, fr, es, pt, it, tr, nl, pl, id },
  ...{ ru, uk, ar, he, ja, ko, zh, hi },
};

const RIGHT_TO_LEFT: readonly string[] = ["ar", "he"];

/** The words of one language, with names and numbers filled in. */
export interface Words {
  /** The tag of the language that the words are in. */
  language: string;
  isRightToLeft: boolean;
  newMessage: string;
  newMessages: (count: number) => string;
  mentioned: (name: string) => string;
  added: (name: string, group: string) => string;
  requested: (name: string) => string;
  /** What a message without text is, or undefined for a type that has no word. */
  ofType: (type: string) => string | undefined;
}

/**
 * @param locale a BCP 47 tag of the device, with `-` or `_`; null or an unknown language is English.
 */
export function wordsFor(locale: string | null): Words {
  const language = languageOf(locale);
  const texts = TEXTS[language] ?? en;
  const types: Partial<Record<string, string>> = {
    image: texts.image,
    video: texts.video,
    audio: texts.audio,
    file: texts.file,
  };
  return {
    language,
    isRightToLeft: RIGHT_TO_LEFT.includes(language),
    newMessage: texts.new_message,
    newMessages: (count) => {
      const form = texts.new_messages[new Intl.PluralRules(language).select(count)];
      const number = new Intl.NumberFormat(language).format(count);
      return fill(form ?? texts.new_messages.other, { n: number });
    },
    mentioned: (name) => fill(texts.mentioned, { name }),
    added: (name, group) => fill(texts.added, { name, group }),
    requested: (name) => fill(texts.requested, { name }),
    ofType: (type) => (Object.hasOwn(types, type) ? types[type] : undefined),
  };
}

/** The language of a tag, in today's code: `iw_IL` is he. */
function languageOf(locale: string | null): string {
  try {
    const { language } = new Intl.Locale((locale ?? "en").replaceAll("_", "-"));
    return Object.hasOwn(TEXTS, language) ? language : "en";
  } catch {
    return "en";
  }
}

/** Fills in all values in one pass: a name may contain `{group}`. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}
