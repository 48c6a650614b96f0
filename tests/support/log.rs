//! What the program tells the log, for a test that has one thread.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Level};
use tracing_subscriber::util::SubscriberInitExt;

/// All that is told from now on.
pub struct Log {
    lines: Lines,
    _listening: DefaultGuard,
    /// While only one listens, whether a line is told at all is settled by the thread that comes to it first, which may be
    /// that of another test, where nobody does. So there is always a second one.
    _deaf: Dispatch,
}

impl Log {
    /// Listens for as long as it lives.
    pub fn listen() -> Self {
        let deaf = Dispatch::new(NoSubscriber::default());
        let lines = Lines::default();
        let writer = lines.clone();
        let listening = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(Level::DEBUG)
            .with_writer(move || writer.clone())
            .finish()
            .set_default();
        Self {
            lines,
            _listening: listening,
            _deaf: deaf,
        }
    }

    /// What was told.
    pub fn text(&self) -> String {
        String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
