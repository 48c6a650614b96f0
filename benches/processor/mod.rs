//! What a process had of the processors, which says more than the clock when others use them too.

use std::time::Duration;

/// What all threads of a process have had of the processors, to the hundredth of a second.
pub(crate) fn time_of(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(11).take(2);
    Duration::from_millis(10) * ticks.map(|ticks| ticks.parse::<u32>().unwrap()).sum::<u32>()
}
