/** The languages of the page, with the name that each has for itself. */
export const LANGUAGES = { en: "English", ar: "العربية" } as const;

/** A language of the page. */
export type Language = keyof typeof LANGUAGES;
