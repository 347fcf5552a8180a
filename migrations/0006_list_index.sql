DROP INDEX `members_by_user`;--> statement-breakpoint
CREATE INDEX `members_by_user` ON `members` (`user_id`,`left_seq`,`hidden_seq`,`conversation_id`);