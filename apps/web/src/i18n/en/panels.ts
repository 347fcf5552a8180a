/** Texts of the side panels. */
export const panels = {
  "panels.details": "Details",
  "panels.members": { one: "{count} member", other: "{count} members" },
} as const;
