// Bundles native.mjs with Metro as React Native's command line does, without a preset: the packages are plain JavaScript already.
import Metro from "metro";

const config = await Metro.loadConfig(
  { cwd: process.cwd(), "reset-cache": true },
  {
    projectRoot: process.cwd(),
    reporter: { update() {} },
    resolver: {
      platforms: ["ios", "android"],
      sourceExts: ["js", "mjs", "json"],
      unstable_enablePackageExports: true,
      unstable_conditionNames: ["require", "react-native"],
    },
    serializer: { getPolyfills: () => [] },
    transformer: {
      getTransformOptions: async () => ({
        transform: { experimentalImportSupport: true, inlineRequires: false },
      }),
    },
  },
);
await Metro.runBuild(config, {
  entry: "native.mjs",
  out: "bundle.js",
  platform: "ios",
  dev: false,
  minify: false,
});
console.log("bundled");
