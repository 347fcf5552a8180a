ALTER TABLE `members` ADD `request` text;--> statement-breakpoint
CREATE INDEX `members_requested` ON `members` (`user_id`) WHERE request IS NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `who_can_message` text DEFAULT 'everyone' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `who_can_add` text DEFAULT 'everyone' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `read_receipts` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `shows_last_seen` integer DEFAULT true NOT NULL;