//! Koppelwacht watches the mailbox in which COA and DUO notify a municipality, and escalates what nobody handles.
//!
//! # In one sentence
//!
//! Mail comes in, the *desk* decides what it means, writes everything in one transaction, and letters go out; time
//! passing is just another thing that comes in.
//!
//! # The heart
//!
//! ```text
//! decide(&Rules, &Snapshot, &Event, now) -> Vec<Change>
//! ```
//!
//! A pure function: no clock, no socket, no database, no logging. An [`Event`](domain::Event) is a mail that arrived, a
//! moment that came, a person who acted, a letter that was sent or refused. A [`Change`](domain::Change) is what to
//! write. The [`Desk`](desk::Desk) loads the snapshot, decides, puts letters into words and writes, in one transaction.
//!
//! # The rooms
//!
//! In floor order: a room imports only what stands above it, and only what its row allows. `tests/tidy.rs` enforces
//! the table.
//!
//! | Room | What lives there | May import |
//! |---|---|---|
//! | [`domain`] | nouns: mail, task, ladder, calendar, letter, event, change | nothing |
//! | [`clock`] | the only place that asks the time | nothing |
//! | [`lookout`] | tells that files in a folder changed | nothing |
//! | [`findings`] | files that people write -> values, or findings with file, line, caret and a way out | nothing |
//! | [`settings`] | deployment: servers, files, secrets; not rules | findings |
//! | [`wire`] | encrypted connections to the servers of the settings | settings |
//! | [`rules`] | TOML files -> checked rules | domain, findings |
//! | [`templates`] | the words of letters and documents, strict, every one rendered with samples | domain, findings |
//! | [`vault`] | keys of persons, and content sealed with the key of the installation | domain |
//! | [`store`] | the ledger: one narrow port, SQLite behind it | domain |
//! | [`mail`] | bytes -> mail: MIME, newest text, sender verdict, references | domain |
//! | [`agenda`] | calendar files: bytes -> when somebody is away | domain |
//! | [`decide`] | every *if* about the office, pure | domain, rules |
//! | [`cover`] | the proof that a critical notice is read in time, whoever else is away, pure | domain, findings, rules, decide |
//! | [`desk`] | THE door for every write | decide, store, vault, templates, rules, clock, domain |
//! | [`intake`] | IMAP and Maildir: bytes, and where they lay | desk, mail, vault, wire, settings, lookout, domain |
//! | [`outbox`] | claims letters, sends, reports back; knows no rules | desk, wire, settings, domain |
//! | [`ticker`] | sleeps until the next stored moment | desk |
//! | [`app`] | wires, starts, stops: the composition root | domain, clock, lookout, findings, settings, wire, rules, templates, vault, store, mail, agenda, decide, cover, desk, intake, outbox, ticker |
//! | [`cli`] | one file per command; needs the desk for tasks, the pure rooms for `explain` | app, desk, cover, decide, mail, vault, rules, findings, settings, clock, domain |
//!
//! Where does a line live? A noun: domain. An *if* about the office: decide. A complaint to an admin: findings, rules
//! or settings. A query: store. A word people read: `templates/`. A socket: intake or outbox.
//!
//! # The promises, and what keeps them
//!
//! 1. **Nothing is lost.** A message enters the ledger in the same transaction as its tasks and letters; only then is
//!    it marked on the server. Mail is never deleted and never found by `\Seen`. Kept by: [`intake`], [`desk`].
//! 2. **Every message ends somewhere.** A task, a known message once more, or a message about our own letters. What
//!    fits nothing is a critical task for a human. Kept by: [`decide`]; checked by `koppelwacht status`.
//! 3. **A koppeling always has a next moment**, stored with it: the ledger itself refuses an open critical task
//!    without one. Kept by: [`decide`], [`store`].
//! 4. **An empty rung costs no time.** Who is absent is skipped in the same decision, visibly. Kept by: [`decide`].
//! 5. **Every decision explains itself.** Which rule, which version of the rules, which days were counted, who was
//!    skipped and why. Kept by: the history of a task.
//! 6. **Personal data stays home.** No BSN, V-nummer, name or text of a mail in logs, file names or letters. The ledger
//!    keeps in the open where a mail lies, its Message-ID, the sender's domain and what it turned out to be; the mail
//!    itself and the numbers in it only sealed, so that a copied ledger tells nothing; remarks of colleagues lie open, and
//!    are refused when they hold such a number. Kept by: [`vault`].

pub mod agenda;
pub mod app;
pub mod cli;
pub mod clock;
pub mod cover;
pub mod decide;
pub mod desk;
pub mod domain;
pub mod findings;
pub mod intake;
pub mod lookout;
pub mod mail;
pub mod outbox;
pub mod rules;
pub mod settings;
pub mod store;
pub mod templates;
pub mod ticker;
pub mod vault;
pub mod wire;
