//! The `koppelwacht` program. Everything it can do is in the library; see `src/lib.rs` for the map.

use std::process::ExitCode;

fn main() -> ExitCode {
    koppelwacht::cli::main()
}
