CREATE TABLE `blocks` (
	`blocker_id` text NOT NULL,
	`blocked_id` text NOT NULL,
	`version` integer NOT NULL,
	`is_blocked` integer NOT NULL,
	PRIMARY KEY(`blocker_id`, `blocked_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `blocks_by_blocked` ON `blocks` (`blocked_id`);