-- Usernames become unique: whoever came first keeps the name, and nobody has one that would be taken for the system's.
-- The others get the end of their id behind it, and their hubs tell the conversations.
ALTER TABLE `users` ADD `external_id` text;--> statement-breakpoint
ALTER TABLE `users` ADD `claims_issued_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `is_untold` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `is_indexed` integer DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE `users` SET `username` = substr(`username`, 1, 27) || '_' || substr(`user_id`, -4), `version` = `version` + 1, `is_untold` = 1
WHERE `username` IN ('admin', 'administrator', 'all', 'everyone', 'here', 'moderator', 'owner', 'root', 'server', 'support', 'system', 'unknown')
	OR EXISTS (SELECT 1 FROM `users` AS `earlier` WHERE `earlier`.`username` = `users`.`username`
		AND (`earlier`.`created_at`, `earlier`.`user_id`) < (`users`.`created_at`, `users`.`user_id`));
--> statement-breakpoint
-- Where that name was another's too: a random one, so that the index below can be made whatever is there.
UPDATE `users` SET `username` = 'user_' || substr(lower(hex(randomblob(16))), 1, 27), `version` = `version` + 1, `is_untold` = 1
WHERE EXISTS (SELECT 1 FROM `users` AS `earlier` WHERE `earlier`.`username` = `users`.`username`
	AND (`earlier`.`created_at`, `earlier`.`user_id`) < (`users`.`created_at`, `users`.`user_id`));
--> statement-breakpoint
DROP INDEX `users_by_search_name`;--> statement-breakpoint
DROP INDEX `users_by_username`;--> statement-breakpoint
CREATE UNIQUE INDEX `users_by_username` ON `users` (`username`);--> statement-breakpoint
CREATE INDEX `users_untold` ON `users` (`user_id`) WHERE is_untold = 1;--> statement-breakpoint
CREATE INDEX `users_unindexed` ON `users` (`user_id`) WHERE is_indexed = 0;--> statement-breakpoint
CREATE TABLE `user_names` (
	`text` text NOT NULL,
	`username` text NOT NULL,
	`user_id` text NOT NULL,
	PRIMARY KEY(`text`, `username`, `user_id`)
) WITHOUT ROWID;
--> statement-breakpoint
-- What users were found by until now. SQL cannot fold names: the cron trigger writes the rest, by `is_indexed`.
INSERT OR IGNORE INTO `user_names` SELECT `username`, `username`, `user_id` FROM `users`;--> statement-breakpoint
INSERT OR IGNORE INTO `user_names` SELECT substr(`search_name`, 1, 40), `username`, `user_id` FROM `users`;--> statement-breakpoint
CREATE INDEX `user_names_by_user` ON `user_names` (`user_id`,`text`);
