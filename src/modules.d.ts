/** What drizzle-kit writes beside an object's migrations, for drizzle's durable-sqlite migrator. */
declare module "*/migrations.js" {
  const migrations: {
    journal: { entries: { idx: number; when: number; tag: string; breakpoints: boolean }[] };
    migrations: Record<string, string>;
  };
  export default migrations;
}
