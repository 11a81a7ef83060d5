//! The tables of the SQLite file, format by format.

/// `wort` in ASCII: marks a memory among all SQLite files.
pub(super) const APPLICATION_ID: i32 = 0x776f_7274;
/// The newest format, kept in `user_version`.
pub(super) const FORMAT: i32 = 8;

/// What each format adds to the one before it, from format 1 on.
pub(super) const FORMATS: [&str; FORMAT as usize] = [
    "
CREATE TABLE engine (
    id INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    UNIQUE (profile, fingerprint)
) STRICT;
CREATE TABLE translation (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    terms TEXT NOT NULL,     -- JSON: [{source, target}]
    alignment TEXT,          -- JSON: [[source start, source end, target start, target end]] in bytes
    cuts TEXT,               -- JSON: what the engine cut off the answer; null if nothing
    billed INTEGER,          -- what the service says, in its unit
    engine INTEGER NOT NULL REFERENCES engine (id),
    created_at INTEGER NOT NULL -- seconds since 1970
) STRICT, WITHOUT ROWID;
",
    "
CREATE TABLE unusable (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    source TEXT NOT NULL,
    answer TEXT NOT NULL,    -- the last one
    class TEXT NOT NULL,     -- why it is no translation
    form TEXT NOT NULL,      -- in which it was asked for: batch, alone, bare
    count INTEGER NOT NULL,  -- answers so far; each may have been paid
    engine INTEGER NOT NULL REFERENCES engine (id),
    created_at INTEGER NOT NULL -- of the last answer
) STRICT, WITHOUT ROWID;
",
    // A path has more than one row only while its file is being replaced.
    "
CREATE TABLE output (
    path TEXT NOT NULL,
    hash TEXT NOT NULL,      -- of the bytes of the file, in hexadecimal digits
    article TEXT NOT NULL,
    format TEXT NOT NULL,
    segments TEXT,           -- hashes of the segments, eight hexadecimal digits each; null for many articles
    PRIMARY KEY (path, hash)
) STRICT, WITHOUT ROWID;
",
    // Rows are only added, and only `withdrawn` ever changes.
    "
CREATE TABLE pair (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32), -- a hash of all that follows but `withdrawn`
    source_hash INTEGER NOT NULL, -- eight bytes of the hash of `source`
    kind TEXT NOT NULL,      -- correction, suggestion
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    inlines TEXT,            -- JSON, as `alignment` of a translation: the markup of the segment
    by TEXT NOT NULL,
    at INTEGER NOT NULL,     -- seconds since 1970
    article TEXT,
    segment INTEGER,         -- counted from 1
    before TEXT,             -- the German of the segments beside it
    after TEXT,
    origin TEXT,             -- the file that it was imported from
    withdrawn INTEGER        -- when it was taken back, for the last time
) STRICT;
CREATE INDEX pair_source ON pair (source_hash);
-- What came since a moment: for what is kept beside the memory.
CREATE INDEX translation_made ON translation (created_at, key);
CREATE TABLE revision (
    number INTEGER NOT NULL  -- how often the pairs were changed
) STRICT;
INSERT INTO revision VALUES (0);
CREATE TABLE read_mark (
    article TEXT NOT NULL,
    text BLOB NOT NULL CHECK (length(text) = 16), -- a hash of the German and the English that were read
    PRIMARY KEY (article, text)
) STRICT, WITHOUT ROWID;
",
    // What was learned from files and is in use, by time: what was learned last is taken back, and a million imported pairs
    // are not looked through for it.
    "
CREATE INDEX pair_learned ON pair (at) WHERE article IS NOT NULL AND origin IS NOT NULL AND withdrawn IS NULL;
-- The answers that were given to a text with terms, whichever they were. Both ends and the length tell nearly all texts
-- apart, and take a fraction of the place of the texts.
CREATE INDEX translation_told ON translation (substr(source, 1, 24), substr(source, -24), length(source)) WHERE terms <> '[]';
",
    // What is on its way at a service. Rows are here from before they are sent until their answers are stored.
    "
CREATE TABLE batch_job (
    nonce TEXT NOT NULL PRIMARY KEY, -- stands in the name of each of its requests at the service
    profile TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    host TEXT NOT NULL,
    service_id TEXT,         -- null until the service's answer is known
    created_at INTEGER NOT NULL, -- seconds since 1970
    cancelled INTEGER NOT NULL,  -- whether a person called it off
    requests INTEGER NOT NULL    -- how many it was made of
) STRICT, WITHOUT ROWID;
CREATE TABLE batch_request (
    nonce TEXT NOT NULL,
    number INTEGER NOT NULL,
    form TEXT NOT NULL,
    companions INTEGER NOT NULL, -- texts before its own that are sent for company
    PRIMARY KEY (nonce, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE batch_text (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32), -- no text is in two jobs
    nonce TEXT NOT NULL,
    number INTEGER NOT NULL,
    place INTEGER NOT NULL,  -- among the texts of its request
    request TEXT NOT NULL,   -- JSON: what is asked
    replaces INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_text_request ON batch_text (nonce, number);
",
    "
ALTER TABLE translation ADD COLUMN alternatives TEXT; -- JSON: other translations that came with it; null if none did
",
    // Answers stand behind each other in the order in which they came, which is that of the articles: what a run looks up
    // one after another stands side by side. Four bytes of a key find its row all but always, and the row has the rest: an
    // index of whole keys takes more room than a short sentence.
    "
ALTER TABLE translation RENAME TO earlier;
DROP INDEX translation_made;
DROP INDEX translation_told;
CREATE TABLE translation (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order in which they came; none is given twice
    key BLOB NOT NULL CHECK (length(key) = 16), -- the first half of the hash
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    terms TEXT,              -- JSON: [{source, target}]; null if there are none
    alignment TEXT,          -- JSON: [[source start, source end, target start, target end]] in bytes
    cuts TEXT,               -- JSON: what the engine cut off the answer; null if nothing
    billed INTEGER,          -- what the service says, in its unit
    engine INTEGER NOT NULL REFERENCES engine (id),
    created_at INTEGER NOT NULL, -- seconds since 1970
    alternatives TEXT        -- JSON: other translations that came with it; null if none did
) STRICT;
INSERT INTO translation (key, source, target, terms, alignment, cuts, billed, engine, created_at, alternatives)
    SELECT substr(key, 1, 16), source, target, nullif(terms, '[]'), alignment, cuts, billed, engine, created_at, alternatives
    FROM earlier ORDER BY created_at, key;
DROP TABLE earlier;
CREATE INDEX translation_key ON translation (substr(key, 1, 4));
CREATE INDEX translation_told ON translation (substr(source, 1, 24), substr(source, -24), length(source)) WHERE terms IS NOT NULL;
ALTER TABLE unusable RENAME TO earlier;
CREATE TABLE unusable (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 16),
    source TEXT NOT NULL,
    answer TEXT NOT NULL,    -- the last one
    class TEXT NOT NULL,     -- why it is no translation
    form TEXT NOT NULL,      -- in which it was asked for: batch, alone, bare
    count INTEGER NOT NULL,  -- answers so far; each may have been paid
    engine INTEGER NOT NULL REFERENCES engine (id),
    created_at INTEGER NOT NULL -- of the last answer
) STRICT, WITHOUT ROWID;
INSERT INTO unusable SELECT substr(key, 1, 16), source, answer, class, form, count, engine, created_at FROM earlier;
DROP TABLE earlier;
ALTER TABLE batch_text RENAME TO earlier;
DROP INDEX batch_text_request;
CREATE TABLE batch_text (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 16), -- no text is in two jobs
    nonce TEXT NOT NULL,
    number INTEGER NOT NULL,
    place INTEGER NOT NULL,  -- among the texts of its request
    request TEXT NOT NULL,   -- JSON: what is asked
    replaces INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO batch_text SELECT substr(key, 1, 16), nonce, number, place, request, replaces FROM earlier;
DROP TABLE earlier;
CREATE INDEX batch_text_request ON batch_text (nonce, number);
-- Examples that were found under whole keys; the next run that wants some finds them anew.
DROP TABLE IF EXISTS example;
DROP TABLE IF EXISTS example_words;
DROP TABLE IF EXISTS pool;
CREATE TABLE state (
    token BLOB NOT NULL      -- another one whenever answers or pairs came, went or were replaced
) STRICT;
INSERT INTO state VALUES (randomblob(16));
",
];
