ALTER TABLE `members` ADD `read_receipts` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `members` ADD `shows_last_seen` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `members` ADD `who_can_message` text DEFAULT 'everyone' NOT NULL;--> statement-breakpoint
ALTER TABLE `members` ADD `shown_read` text;--> statement-breakpoint
ALTER TABLE `members` ADD `request` text;--> statement-breakpoint
ALTER TABLE `members` ADD `has_left` integer DEFAULT false NOT NULL;