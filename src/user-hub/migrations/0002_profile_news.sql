CREATE TABLE `missed` (
	`conversation_id` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE `hub` ADD `profile_version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `hub` ADD `profile_news` text;