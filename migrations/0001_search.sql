-- Full-text search over `messages`; src/directory/search/search.ts reads it, src/directory/projection.ts keeps it.
--
-- `rowid` is the message's `id`. `tokens` is what src/directory/search/text.ts makes of the content, each token behind
-- the first eight digits of its conversation's id, so that a search walks the lists of the searcher's own
-- conversations only and costs the same however much everybody else has written.
--
-- The `ascii` tokenizer takes every byte above 127 as part of a token, so tokens are kept as they come, whatever
-- Unicode version SQLite knows. The text itself is in `messages`; here are only the lists (`content = ''`).
-- Whoever empties `messages` to rebuild it empties this too: INSERT INTO search_index (search_index) VALUES ('delete-all').
CREATE VIRTUAL TABLE `search_index` USING fts5(
	`tokens`,
	content = '',
	contentless_delete = 1,
	tokenize = 'ascii'
);
