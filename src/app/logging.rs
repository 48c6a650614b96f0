//! Logs: readable on a terminal, fields in the journal. Only our own rooms may speak below a warning: libraries log
//! passwords and mail bodies at their finer levels.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging: to the journal when systemd reads us, otherwise to standard error. Calling it twice does nothing
/// the second time.
pub fn start(level: LevelFilter) {
    let filter = Targets::new()
        .with_target(env!("CARGO_CRATE_NAME"), level)
        .with_default(level.min(LevelFilter::WARN));
    let registry = tracing_subscriber::registry().with(filter);
    let journal = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok());
    let started = if let Some(journal) = journal {
        registry.with(journal).try_init()
    } else {
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .compact();
        registry.with(lines).try_init()
    };
    // A second start, as in tests, keeps the first.
    drop(started);
}
