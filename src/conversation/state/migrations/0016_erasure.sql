CREATE TABLE `erasures` (
	`user_id` text PRIMARY KEY NOT NULL,
	`messages` text NOT NULL,
	`before_seq` integer NOT NULL,
	`counts` text NOT NULL
);
