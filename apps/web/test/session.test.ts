/** Whom a window belongs to, and what stays of a person when they sign out. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetPerson, keep, kept } from "../src/session/kept.ts";
import { findSession } from "../src/session/session.ts";

const CONFIG = { api: "", token_endpoint: null, parent_origins: [] };
const PEOPLE = { people: [{ name: "bob", user_id: "id-of-bob", display_name: "Bob" }] };

/** A token as the page reads it: nobody checks its signature here. */
const tokenOf = (sub: string) => `e30.${btoa(JSON.stringify({ sub }))}.x`;

class Kept implements Storage {
  readonly #values = new Map<string, string>();
  get length() {
    return this.#values.size;
  }
  key = (at: number) => [...this.#values.keys()][at] ?? null;
  getItem = (name: string) => this.#values.get(name) ?? null;
  setItem = (name: string, value: string) => void this.#values.set(name, value);
  removeItem = (name: string) => void this.#values.delete(name);
  clear = () => this.#values.clear();
}

let address = new URL("https://chat.example.com/");

/** The page is opened at an address. @param answers what the service answers, by path; all else is 404. */
function open(href: string, answers: Record<string, unknown> = {}): void {
  address = new URL(href);
  vi.stubGlobal("location", address);
  vi.stubGlobal("history", {
    replaceState: (_: unknown, __: string, next: string | URL) => {
      address = new URL(next, address);
      vi.stubGlobal("location", address);
    },
  });
  vi.stubGlobal("fetch", async (path: string) =>
    path in answers ? Response.json(answers[path]) : new Response("{}", { status: 404 }),
  );
}

beforeEach(() => {
  vi.stubGlobal("sessionStorage", new Kept());
  vi.stubGlobal("localStorage", new Kept());
  vi.stubGlobal("window", { opener: null });
  window.parent = window;
});
afterEach(() => vi.unstubAllGlobals());

describe("the session of a window", () => {
  it("[PAGE-40] in a deployment a link with ?as= does not end it", async () => {
    open(`https://chat.example.com/#token=${tokenOf("ann")}`);
    expect((await findSession(CONFIG))?.userId).toBe("ann");
    open("https://chat.example.com/?as=bob#/c/abc");
    expect((await findSession(CONFIG))?.userId).toBe("ann");
    expect(address.href).toBe("https://chat.example.com/#/c/abc");
    open("https://chat.example.com/");
    expect((await findSession(CONFIG))?.userId).toBe("ann");
  });

  it("[PAGE-43] a token in a link counts only where tokens come from nowhere else", async () => {
    const mallory = `https://chat.example.com/#token=${tokenOf("mallory")}`;
    open(mallory, { "/session": { token: tokenOf("ann") } });
    expect((await findSession({ ...CONFIG, token_endpoint: "/session" }))?.userId).toBe("ann");
    expect(address.hash).toBe("");
    open(mallory);
    expect(await findSession({ ...CONFIG, parent_origins: ["https://app.example.com"] })).toBeNull();
    expect((await findSession(CONFIG))?.userId).toBeUndefined();
    open(mallory);
    expect((await findSession(CONFIG))?.userId).toBe("mallory");
  });

  it("[PAGE-41] under the development server it changes the person, to those who are there alone", async () => {
    const answers = {
      "/development/people": PEOPLE,
      "/development/session": { token: tokenOf("id-of-bob") },
    };
    open("http://localhost:8787/?as=mallory", answers);
    expect(await findSession(CONFIG)).toBeNull();
    open("http://localhost:8787/?as=bob", answers);
    expect(await findSession(CONFIG)).toMatchObject({ userId: "id-of-bob", demoName: "bob" });
  });
});

describe("what is kept of a person", () => {
  it("[PAGE-42] goes when they sign out, unsent texts too, whatever comes late; that of others stays", () => {
    keep("draft", "auth0|ann", "a secret", "one");
    keep("draft", "auth0|ann", "another", "two");
    keep("me", "auth0|ann", "{}");
    keep("device", "auth0|ann", "web-1");
    keep("draft", "auth0|anna", "hers", "one");
    keep("device", "bob", "web-2");
    forgetPerson("auth0|ann");
    // The page stores a text that rests when it is left.
    keep("draft", "auth0|ann", "a secret", "one");
    const left = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
    expect(left).toEqual(["chat.draft.auth0|anna.one", "chat.device.bob"]);
    expect(kept("draft", "auth0|anna", "one")).toBe("hers");
  });
});
