CREATE TABLE `push_words` (
	`user_id` text PRIMARY KEY NOT NULL,
	`word` text NOT NULL,
	`version` integer NOT NULL,
	`behind_seq` integer
);
