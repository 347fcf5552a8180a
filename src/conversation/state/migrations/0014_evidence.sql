CREATE TABLE `evidence` (
	`seq` integer PRIMARY KEY NOT NULL,
	`kept` text NOT NULL,
	`expires_at` integer
);
--> statement-breakpoint
CREATE INDEX `evidence_expiring` ON `evidence` (`expires_at`) WHERE expires_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `evidence_versions` (
	`seq` integer NOT NULL,
	`version` integer NOT NULL,
	`content` text NOT NULL,
	`metadata` text,
	`written_at` integer NOT NULL,
	PRIMARY KEY(`seq`, `version`)
);
--> statement-breakpoint
ALTER TABLE `messages` ADD `restored_at` integer;