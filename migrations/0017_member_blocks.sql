ALTER TABLE `members` ADD `blocked` text;--> statement-breakpoint
ALTER TABLE `members` ADD `read_blocked_no` integer DEFAULT 0 NOT NULL;