/** The language of the page: its texts, its direction, and how it writes numbers and times. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { type Catalogue, en } from "./en/index.ts";
import { LANGUAGES, type Language } from "./languages.ts";
import { fill, type Values } from "./plural.ts";

/** The key of a text, such as `list.title`. */
export type TextKey = keyof Catalogue;

const RIGHT_TO_LEFT: readonly Language[] = ["ar"];

/** What {@link useI18n} returns. */
export interface I18n {
  language: Language;
  direction: "ltr" | "rtl";
  /** The text of a key, completed with values. */
  t: (key: TextKey, values?: Values) => string;
  setLanguage: (language: Language) => void;
}

const Context = createContext<I18n | null>(null);
const STORED = "chat.language";

/** The language that was chosen, or else the first of the browser's that the page has. */
export function initialLanguage(): Language {
  const wanted = [localStorage.getItem(STORED) ?? "", ...navigator.languages];
  const found = wanted.map((one) => one.split("-")[0] ?? "").find((one) => one in LANGUAGES);
  return (found as Language | undefined) ?? "en";
}

/** The texts of a language. English is there at once, since missing texts of others fall back to it. */
export async function loadCatalogue(language: Language): Promise<Catalogue> {
  return language === "ar" ? (await import("./ar/index.ts")).ar : en;
}

interface Loaded {
  language: Language;
  catalogue: Catalogue;
}

/** Gives the language to everything below. @param initial its catalogue is loaded before the page is shown. */
export function I18nProvider({ initial, children }: { initial: Loaded; children: ReactNode }) {
  const [{ language, catalogue }, setLoaded] = useState(initial);
  const direction = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";

  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = direction;
  }, [language, direction]);

  const value = useMemo<I18n>(
    () => ({
      language,
      direction,
      t: (key, values = {}) => fill(catalogue[key], values, language),
      setLanguage(next) {
        localStorage.setItem(STORED, next);
        void loadCatalogue(next).then((loaded) => setLoaded({ language: next, catalogue: loaded }));
      },
    }),
    [language, catalogue, direction],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** The language, and the function that returns texts. @throws Error without an {@link I18nProvider} above. */
export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error("useI18n needs an <I18nProvider> above it");
  return value;
}

/** The function that returns texts. */
export function useT(): I18n["t"] {
  return useI18n().t;
}
