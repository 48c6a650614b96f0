//! Tells that something happened to the files in a folder.
//!
//! Only a hint, never a promise: on a network share nothing is told of what other machines do, and a folder that is made
//! again is another one. Whoever asks looks by themselves as well, now and then.

use std::path::Path;
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// What somebody wants to know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// That a file appears, whole: as in a Maildir, where it is moved in.
    Arrivals,
    /// That a file is written to its end, appears under another name, or goes.
    Contents,
}

impl Interest {
    fn is_met_by(self, kind: EventKind) -> bool {
        let is_arrival = matches!(
            kind,
            EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(RenameMode::To))
        );
        let is_content = matches!(
            kind,
            EventKind::Access(AccessKind::Close(AccessMode::Write))
                | EventKind::Modify(ModifyKind::Name(_))
                | EventKind::Remove(_)
        );
        match self {
            _ if kind == EventKind::Other => true,
            Self::Arrivals => is_arrival,
            Self::Contents => is_content,
        }
    }
}

/// Looks out as long as it is kept.
#[derive(Debug)]
pub struct Lookout {
    _watcher: RecommendedWatcher,
}

/// Has `told` notified when something of interest happens in this folder.
///
/// # Errors
/// There is no such folder, its file system tells nothing, or the system watches too many already.
pub fn over(folder: &Path, interest: Interest, told: Arc<Notify>) -> notify::Result<Lookout> {
    let tell = move |event: notify::Result<notify::Event>| {
        // An error, an overflow for one, may have swallowed what matters.
        if event.map_or(true, |event| {
            event.need_rescan() || interest.is_met_by(event.kind)
        }) {
            told.notify_one();
        }
    };
    let mut watcher = notify::recommended_watcher(tell)?;
    watcher.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(Lookout { _watcher: watcher })
}
