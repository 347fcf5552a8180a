/** The form of API keys: `rck_<id>_<secret>` (rule 28). */
import { API_KEY_PREFIX } from "@rocket-chat-api/protocol";

const FORM = new RegExp(`^${API_KEY_PREFIX}([a-z0-9]{8})_([A-Za-z0-9_-]{43})$`);

/** Whether a bearer credential means to be an API key. No token of an identity provider begins like this. */
export function isApiKey(credential: string): boolean {
  return credential.startsWith(API_KEY_PREFIX);
}

/** The parts of an API key; undefined if the text is none. */
export function parseApiKey(text: string): { key_id: string; secret: string } | undefined {
  const [, key_id, secret] = FORM.exec(text) ?? [];
  return key_id !== undefined && secret !== undefined ? { key_id, secret } : undefined;
}
