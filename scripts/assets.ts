/** Brings what the platform serves as files into public/: the library of the reference page, from its package. */
import { copyFileSync, mkdirSync } from "node:fs";
import { readArguments } from "./arguments.ts";

const PACKAGE = new URL("../node_modules/@scalar/api-reference/", import.meta.url);
const TARGET = new URL("../public/docs/", import.meta.url);

readArguments({
  usage: "Usage: npm run assets\n\nCopies the library of the reference page into public/docs.",
});
mkdirSync(TARGET, { recursive: true });
copyFileSync(new URL("dist/browser/standalone.js", PACKAGE), new URL("reference.js", TARGET));
