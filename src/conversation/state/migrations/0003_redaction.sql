CREATE INDEX `hidden_by_seq` ON `hidden` (`seq`);--> statement-breakpoint
CREATE INDEX `messages_quoting` ON `messages` (`reply_to_seq`) WHERE reply_to_seq IS NOT NULL;