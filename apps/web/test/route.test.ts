import { describe, expect, it } from "vitest";
import { hashOf, parseRoute, type Route } from "../src/app/route.ts";

const NOTHING: Route = { conversationId: null, panel: null, messageId: null };

describe("the route of the page", () => {
  it.each([
    ["", NOTHING],
    ["#/", NOTHING],
    ["#/c/", NOTHING],
    ["#/x/abc", NOTHING],
    ["#/c/abc", { ...NOTHING, conversationId: "abc" }],
    ["#/c/abc?panel=details&m=xyz", { conversationId: "abc", panel: "details", messageId: "xyz" }],
    ["#/c/%", NOTHING],
    ["#/c/%E0%A4%A?panel=details", { ...NOTHING, panel: "details" }],
    ["#/?panel=settings", { ...NOTHING, panel: "settings" }],
  ])("[PAGE-8] %s is read", (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it.each([
    NOTHING,
    { ...NOTHING, conversationId: "a/b?c#d" },
    { conversationId: "abc", panel: "details", messageId: "x&y" },
  ])("[PAGE-8] %j is the same after it was written and read", (route) => {
    expect(parseRoute(hashOf(route))).toEqual(route);
  });
});
