CREATE TABLE `moderation_filters` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`match` text NOT NULL,
	`action` text NOT NULL,
	`version` text NOT NULL,
	`entry_count` integer NOT NULL,
	`characters` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`entries` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `moderation_filters_name_unique` ON `moderation_filters` (`name`);