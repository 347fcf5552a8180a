CREATE TABLE `tallies` (
	`seq` integer PRIMARY KEY NOT NULL,
	`sent` text NOT NULL
);
--> statement-breakpoint
DROP INDEX `messages_by_sender`;