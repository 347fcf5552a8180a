-- Made anew, not altered: a column that is added to a table can have no default that is worked out for each row.
CREATE TABLE `__revision` (
	`id` integer PRIMARY KEY NOT NULL,
	`value` integer NOT NULL,
	`epoch` text DEFAULT (lower(hex(randomblob(8)))) NOT NULL
);
--> statement-breakpoint
INSERT INTO `__revision` (`id`, `value`) SELECT `id`, `value` FROM `revision`;
--> statement-breakpoint
INSERT OR IGNORE INTO `__revision` (`id`, `value`) VALUES (1, 0);
--> statement-breakpoint
DROP TABLE `revision`;
--> statement-breakpoint
ALTER TABLE `__revision` RENAME TO `revision`;
