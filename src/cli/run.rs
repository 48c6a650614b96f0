//! `koppelwacht run`: the daemon.

use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::level_filters::LevelFilter;

use crate::app::{self, Control, Installation, OpenError, Progress};
use crate::clock::Clock;
use crate::findings::Findings;

use super::{Config, Exit, fail, refuse, start_logging};

#[derive(Debug, clap::Args)]
pub(super) struct Run {
    #[command(flatten)]
    config: Config,

    /// Pretend that it is this time at the start (for trying out rules on a copy, and for tests)
    #[arg(long, hide = true, value_name = "TIME")]
    clock: Option<Timestamp>,

    /// Let time pass this many times as fast
    #[arg(long, hide = true, requires = "clock", default_value_t = 1)]
    speed: u32,
}

impl Run {
    pub(super) async fn run(self, level: LevelFilter) -> Exit {
        start_logging(level);
        let clock = self
            .clock
            .map_or(Clock::System, |start| Clock::fast(start, self.speed));
        let installation = match self.installation(&clock).await {
            Ok(installation) => installation,
            Err(exit) => return exit,
        };
        let control = Control::default();
        if let Err(error) = obey_signals(&control) {
            return fail(&format!("the system gives no signals: {error}"));
        }
        let bars = Bars::new();
        match app::run(installation, clock, control, |mailbox, progress| {
            bars.follow(mailbox, progress);
        })
        .await
        {
            Ok(()) => Exit::Fine,
            Err(error) => fail(&error),
        }
    }
}

impl Run {
    /// What to start with. What is wrong with the rules in the files is printed, also when others are in force.
    async fn installation(&self, clock: &Clock) -> Result<Installation, Exit> {
        let mut findings = Findings::new();
        match Installation::to_run(&self.config.config, clock.now(), &mut findings).await {
            Ok(installation) => {
                if findings.errors() > 0 {
                    refuse(&findings);
                }
                Ok(installation)
            }
            Err(OpenError::Mistakes(findings)) => Err(refuse(&findings)),
            Err(error) => Err(fail(&error)),
        }
    }
}

/// Stops on SIGTERM and SIGINT, and loads the rules anew on SIGHUP.
fn obey_signals(control: &Control) -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hangup = signal(SignalKind::hangup())?;
    let control = control.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => control.reload.notify_one(),
            }
        }
        control.stop.cancel();
    });
    Ok(())
}

/// A bar for each mailbox whose backlog is being read; nothing when nobody looks.
struct Bars {
    bars: Option<MultiProgress>,
}

impl Bars {
    fn new() -> Self {
        Self {
            bars: std::io::stderr().is_terminal().then(MultiProgress::new),
        }
    }

    fn follow(&self, mailbox: &str, mut progress: watch::Receiver<Progress>) {
        let Some(bars) = &self.bars else { return };
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {per_sec} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bars.add(
            ProgressBar::new(0)
                .with_style(style)
                .with_prefix(mailbox.to_owned()),
        );
        tokio::spawn(async move {
            while progress.changed().await.is_ok() {
                let (entered, backlog) = {
                    let progress = progress.borrow_and_update();
                    (progress.entered(), progress.backlog())
                };
                bar.set_length(entered + backlog);
                bar.set_position(entered);
                if backlog == 0 {
                    bar.finish_and_clear();
                }
            }
        });
    }
}
