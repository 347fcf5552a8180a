interface ImportMeta {
  /** Vite: files by a pattern, here as text. */
  glob(pattern: string, options: { query: "?raw"; import: "default"; eager: true }): Record<string, string>;
}
