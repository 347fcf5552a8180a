/** Text that depends on a number: a form for each plural category that the language has, `other` at least. */
export type Plural = { readonly other: string } & Partial<Readonly<Record<Intl.LDMLPluralRule, string>>>;

/** A text of a catalogue. `{name}` in it is replaced. */
export type Text = string | Plural;

/** What a text is filled with. `count` chooses the plural form, and is written as the language writes numbers. */
export type Values = Readonly<Record<string, string | number>>;

/** Completes a text. @param locale chooses the plural form and the digits. */
export function fill(text: Text, values: Values, locale: string): string {
  const form = typeof text === "string" ? text : formOf(text, Number(values.count ?? 0), locale);
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers(locale).format(value) : value;
  });
}

function formOf(text: Plural, count: number, locale: string): string {
  return text[rules(locale).select(count)] ?? text.other;
}

const RULES = new Map<string, Intl.PluralRules>();
const NUMBERS = new Map<string, Intl.NumberFormat>();

function rules(locale: string): Intl.PluralRules {
  const known = RULES.get(locale) ?? new Intl.PluralRules(locale);
  RULES.set(locale, known);
  return known;
}

/** How a language writes numbers. */
export function numbers(locale: string): Intl.NumberFormat {
  const known = NUMBERS.get(locale) ?? new Intl.NumberFormat(locale);
  NUMBERS.set(locale, known);
  return known;
}
