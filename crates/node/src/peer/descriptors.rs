//! Descriptors of open files: the system gives a process so many, and connections must leave enough for everything else.

use std::fs;

/// Left for our own tools, the database, the log, and calls to partners.
const RESERVE: usize = 128;
/// What a process has if the system does not say.
const USUAL: usize = 1024;
/// However few there are, so many connections are heard.
const LEAST: usize = 16;
/// However many there are, more are of no use.
const MOST: usize = 4096;

/// How many connections may stand at the same time, so that the reserve is kept.
pub(super) fn for_connections() -> usize {
    let said = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    connections_of(soft_limit(&said).unwrap_or(USUAL))
}

fn connections_of(descriptors: usize) -> usize {
    descriptors.saturating_sub(RESERVE).clamp(LEAST, MOST)
}

/// The soft limit of open files, as `proc_pid_limits(5)` states it; none if it does not, or if there is no limit.
fn soft_limit(said: &str) -> Option<usize> {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    line?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_the_reserve_for_our_own_tools() {
        let said = "Limit                     Soft Limit           Hard Limit           Units\n\
                    Max processes             1000                 1000                 processes\n\
                    Max open files            1024                 524288               files\n";
        assert_eq!(soft_limit(said), Some(1024));
        assert_eq!(connections_of(1024), 896);
        assert_eq!(connections_of(64), 16);
        assert_eq!(connections_of(1_000_000), 4096);
        assert_eq!(
            soft_limit("Max open files  unlimited unlimited files"),
            None
        );
        assert_eq!(soft_limit(""), None);
        assert!(for_connections() >= LEAST);
    }
}
