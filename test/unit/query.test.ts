import { describe, expect, it } from "vitest";
import { dropEmptyParameters, isUtf8Query } from "../../src/middleware/query.ts";

describe("a query", () => {
  it.each([
    ["?before_id=&limit=50", "?limit=50"],
    ["?limit=50&before_id=", "?limit=50"],
    ["?before_id", ""],
    ["?before_id&after_id=&around_id", ""],
    ["?=", ""],
    ["?&&", ""],
    ["?limit=&limit=5", "?limit=5"],
    ["?limit=5&limit=6", "?limit=5&limit=6"],
    ["?q=%20", "?q=%20"],
    ["?q=+", "?q=+"],
    ["?q=a=", "?q=a="],
    ["?q==", "?q=="],
    ["?q=%F0%9F&since=", "?q=%F0%9F"],
    ["?cursor=a%3D%3D", "?cursor=a%3D%3D"],
    ["", ""],
  ])("[R5 VAL-1] an empty parameter is dropped, and nothing else is changed: %s", (query, kept) => {
    expect(dropEmptyParameters(`https://chat.test/a${query}`)).toBe(`https://chat.test/a${kept}`);
  });

  it("[R5 VAL-6] encoded bytes are UTF-8, and a lone percent sign is one", () => {
    for (const query of ["", "?q=caf%C3%A9", "?q=100%", "?q=%zz", "?q=%F0%9F%91%8D&r=%25", "?q=%EF%BF%BD"])
      expect([query, isUtf8Query(query)]).toEqual([query, true]);
    for (const bytes of ["%E9", "%FF%FE", "%F0%9F", "%ED%A0%80", "%C0%AF", "%F4%90%80%80", "a%80", "%e9%65"])
      expect([bytes, isUtf8Query(`?q=${bytes}`)]).toEqual([bytes, false]);
  });
});
