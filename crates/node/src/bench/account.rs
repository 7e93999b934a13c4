//! What two nodes have spent, as the kernel and the nodes themselves count it.

use std::fs;

use super::pair::Pair;
use crate::{command::answer::Failure, process::NodeProcess};

/// Ticks a second in `/proc/PID/stat`: what Linux shows to programs on every machine (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// What one node has spent since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    /// On a core, in its own code and in the kernel's, milliseconds.
    pub cpu_ms: f64,
    /// Transactions committed.
    pub commits: u64,
    /// Bytes written to and read from its partners' connections, TLS included.
    pub wire_bytes: u64,
    /// The most memory it ever held, bytes.
    pub peak_memory_bytes: u64,
}

impl Spent {
    /// What both nodes have spent, the sender first.
    ///
    /// # Errors
    /// When a node does not run, or this is no Linux.
    pub fn of_both(pair: &Pair) -> Result<[Self; 2], Failure> {
        Ok([Self::of(&pair.sender)?, Self::of(&pair.receiver)?])
    }

    fn of(node: &NodeProcess) -> Result<Self, Failure> {
        let id = node
            .id()
            .ok_or_else(|| Failure::broken("a node has stopped"))?;
        let figures = node.running()?.get("/v1/metrics")?.json;
        let figures = figures.as_str().unwrap_or_default();
        Ok(Self {
            cpu_ms: cpu_ms(&account(id, "stat")?).unwrap_or_default(),
            commits: figure(figures, "entente_store_commits_total"),
            wire_bytes: figure(figures, "entente_wire_bytes_total"),
            peak_memory_bytes: peak_memory(&account(id, "status")?).unwrap_or_default(),
        })
    }

    /// What was spent since `before`; peak memory is that of the whole life.
    pub fn since(self, before: Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms - before.cpu_ms,
            commits: self.commits - before.commits,
            wire_bytes: self.wire_bytes - before.wire_bytes,
            peak_memory_bytes: self.peak_memory_bytes,
        }
    }
}

fn account(id: u32, file: &str) -> Result<String, Failure> {
    fs::read_to_string(format!("/proc/{id}/{file}"))
        .map_err(|e| Failure::broken("the kernel's account of a node cannot be read").because(&e))
}

/// Fields 14 and 15 of `/proc/PID/stat` (proc_pid_stat(5)), counted behind the name, which may hold anything.
fn cpu_ms(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: Option<f64> = ticks.map(|field| field.parse::<f64>().ok()).sum();
    Some(ticks? * 1000.0 / TICKS_PER_SECOND)
}

/// `VmHWM` of `/proc/PID/status`, which counts in KiB.
fn peak_memory(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

/// The sum over all labels of a figure in the text format of Prometheus.
fn figure(text: &str, name: &str) -> u64 {
    let named = text.lines().filter_map(|line| line.strip_prefix(name));
    let values = named.filter(|rest| rest.starts_with(['{', ' ']));
    values
        .filter_map(|rest| rest.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

/// The load of the machine over the last minute, and how many cores share it.
pub fn load() -> (f64, usize) {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = text.split(' ').next().and_then(|word| word.parse().ok());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (load.unwrap_or_default(), cores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_counts_behind_a_name_that_holds_spaces() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194304 100 0 0 0 150 50 9 9 20 0 4 0";
        assert_eq!(cpu_ms(stat), Some(2000.0));
        assert_eq!(cpu_ms("7"), None);
    }

    #[test]
    fn a_figure_is_summed_over_its_labels_and_no_other_figure() {
        let text = "# TYPE a counter\na{x=\"1\"} 2\na{x=\"2\"} 3\na_b 100\n";
        assert_eq!(figure(text, "a"), 5);
    }

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(peak_memory("VmPeak:\t9 kB\nVmHWM:\t  3 kB\n"), Some(3072));
    }
}
