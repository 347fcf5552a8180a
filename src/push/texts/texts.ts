/** What a notification says besides the message itself, in one language. `{name}`, `{group}` and `{n}` are filled in. */

/** Forms of a number, by the rules of CLDR for the language. `other` is there in every language. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** The texts of one language. */
export interface Texts {
  /** One message whose text is not shown. */
  new_message: string;
  /** Two messages or more. */
  new_messages: PluralForms;
  mentioned: string;
  added: string;
  /** Of a stranger's first message. */
  requested: string;
  /** Messages without a text, by type. */
  image: string;
  video: string;
  audio: string;
  file: string;
}
