import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isReserved, usernameChoices, usernameFrom } from "../../src/domain/usernames.ts";

const ID = "0b54c8ba-3f7e-4d5c-9f6b-0d7a6f1f2a33";
const FORM = /^[a-z0-9_.-]{3,32}$/;

describe("usernames", () => {
  it("[R28 NAME-1] the claim is taken as it is where it has the form, but for its case", () => {
    for (const username of ["john_doe", "John.Doe-1", "abc", "x".repeat(32), "007"]) {
      expect(usernameFrom({ username, preferred_username: "other" }, ID)).toBe(username.toLowerCase());
    }
    // The Kelvin sign is a k in lower case: one name, whoever has it first.
    expect(usernameFrom({ username: "\u212aelvin" }, ID)).toBe("kelvin");
  });

  it("[R28 NAME-1] otherwise it comes from the best of the other claims, folded", () => {
    const all = {
      preferred_username: "pref",
      nickname: "nick",
      email: "mail@example.com",
      name: "Full Name",
    };
    for (const username of [
      undefined,
      null,
      "",
      "jo",
      "x".repeat(33),
      "john doe",
      "jоhn_doe",
      "john\n",
      7,
      {},
      "李",
    ]) {
      expect(usernameFrom({ username, ...all }, ID)).toBe("pref");
    }
    expect(usernameFrom({ ...all, preferred_username: "李" }, ID)).toBe("nick");
    expect(usernameFrom({ ...all, preferred_username: 7, nickname: "  " }, ID)).toBe("mail");
    expect(usernameFrom({ ...all, preferred_username: null, nickname: "x", email: "x@y" }, ID)).toBe(
      "full_name",
    );
    expect(usernameFrom({ username: "no spaces please" }, ID)).toBe("user_6f1f2a33");
    expect(usernameFrom({}, ID)).toBe("user_6f1f2a33");
  });

  it("[R28 NAME-1] folding keeps what people would recognise", () => {
    const folded = {
      "José Núñez": "jose_nunez",
      Strauß: "strauss",
      "O’Brien, Pat": "o_brien_pat",
      "Jean-Luc": "jean-luc",
      "bob.smith": "bob.smith",
      " Bob ": "bob",
      Ｆｕｌｌｗｉｄｔｈ: "fullwidth",
      "Ørsted Łukasz": "orsted_lukasz",
      "李 Wei Ming": "wei_ming",
    };
    for (const [name, username] of Object.entries(folded)) expect(usernameFrom({ name }, ID)).toBe(username);
    expect(usernameFrom({ name: "x y".repeat(50) }, ID)).toMatch(FORM);
    expect(usernameFrom({ name: `${"a".repeat(31)} b` }, ID)).toBe("a".repeat(31));
    expect(usernameFrom({ email: "bob+news@example.com" }, ID)).toBe("bob_news");
    expect(usernameFrom({ email: '"a@b"@example.com' }, ID)).toBe("a_b");
    expect(usernameFrom({ email: "no address" }, ID)).toBe("user_6f1f2a33");
  });

  it("[R28 NAME-2] a name of the system's is given to nobody, however it comes", () => {
    for (const name of ["all", "system", "admin", "All", "ADMIN", "everyone", "here"]) {
      expect(isReserved(name.toLowerCase())).toBe(true);
      for (const claim of ["username", "preferred_username", "nickname", "name"]) {
        expect(usernameFrom({ [claim]: name }, ID)).toBe(`${name.toLowerCase()}_2a33`);
      }
      expect(usernameFrom({ email: `${name}@example.com` }, ID)).toBe(`${name.toLowerCase()}_2a33`);
    }
    expect(usernameFrom({ username: "\u212aadmin" }, ID)).toBe("kadmin");
    expect(usernameFrom({ username: "administration" }, ID)).toBe("administration");
  });

  it("[R28 NAME-3] what stands in for a taken name has the form, and they differ", () => {
    expect(usernameChoices("ann", ID)).toEqual(["ann", "ann_2a33", "ann_6f1f2a33", "ann_0d7a6f1f2a33"]);
    expect(usernameChoices("x".repeat(32), ID)[1]).toBe(`${"x".repeat(27)}_2a33`);
    fc.assert(
      fc.property(fc.stringMatching(FORM), fc.uuid(), (username, id) => {
        const choices = usernameChoices(username, id);
        return choices.every((choice) => FORM.test(choice)) && new Set(choices).size >= 3;
      }),
    );
  });
});
