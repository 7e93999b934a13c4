//! What a bench has measured, for people and for machines.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Exchange, account::Spent, load::Sent, presence::Presence};
use crate::command::table::Table;

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was asked for.
    pub exchange: Exchange,
    /// The act that was sent.
    pub act: String,
    /// What came of the load.
    pub sent: Sent,
    /// What the sender's node and the receiver's spent meanwhile.
    pub spent: [Spent; 2],
    /// What was found at the end.
    pub presence: Presence,
    /// The load of the machine before, and its cores.
    pub load: (f64, usize),
}

impl Report {
    /// The members for machines.
    pub fn json(&self) -> Value {
        let [sender, receiver] = self.spent;
        let total = |of: fn(&Spent) -> u64| of(&sender) + of(&receiver);
        let mut took: Vec<Duration> = self.sent.receipted.iter().map(|one| one.took).collect();
        took.sort_unstable();
        json!({
            "messages": self.messages(), "concurrency": self.exchange.concurrency,
            "bytes": self.exchange.size.bytes, "facts": self.exchange.size.facts, "act": self.act,
            "seconds": rounded(self.sent.took.as_secs_f64()),
            "messages_per_second": rounded(self.messages() as f64 / self.sent.took.as_secs_f64()),
            "p50_ms": percentile_ms(&took, 50), "p95_ms": percentile_ms(&took, 95), "p99_ms": percentile_ms(&took, 99),
            "cpu_ms_per_message": self.each(sender.cpu_ms + receiver.cpu_ms),
            "sender_cpu_ms_per_message": self.each(sender.cpu_ms),
            "receiver_cpu_ms_per_message": self.each(receiver.cpu_ms),
            "wire_bytes_per_message": self.each(sender.wire_bytes as f64).round(),
            "commits_per_message": self.each(total(|spent| spent.commits) as f64),
            "sender_peak_memory_bytes": sender.peak_memory_bytes,
            "receiver_peak_memory_bytes": receiver.peak_memory_bytes,
            "receipts_verified": self.messages(), "present_once": self.presence.messages,
            "sender_entries": self.presence.sender_entries, "receiver_entries": self.presence.receiver_entries,
            "load_before": self.load.0, "cores": self.load.1,
        })
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let members = self.json();
        let mut table = Table::new(["figure", "value"]);
        let lines: [(&str, String); 12] = [
            (
                "messages",
                format!(
                    "{} of {} facts, {} at a time",
                    self.messages(),
                    self.exchange.size.facts,
                    self.exchange.concurrency
                ),
            ),
            (
                "messages a second",
                members["messages_per_second"].to_string(),
            ),
            (
                "draft to verified receipt, p50",
                format!("{} ms", members["p50_ms"]),
            ),
            (
                "draft to verified receipt, p95",
                format!("{} ms", members["p95_ms"]),
            ),
            (
                "draft to verified receipt, p99",
                format!("{} ms", members["p99_ms"]),
            ),
            (
                "processor time a message",
                format!("{} ms, both nodes", members["cpu_ms_per_message"]),
            ),
            (
                "bytes on the wire a message",
                members["wire_bytes_per_message"].to_string(),
            ),
            (
                "commits a message",
                format!("{}, both nodes", members["commits_per_message"]),
            ),
            (
                "peak memory, sender",
                format!("{} MiB", self.spent[0].peak_memory_bytes >> 20),
            ),
            (
                "peak memory, receiver",
                format!("{} MiB", self.spent[1].peak_memory_bytes >> 20),
            ),
            (
                "present exactly once on both sides",
                format!("{} (warm-up included)", self.presence.messages),
            ),
            (
                "load of the machine before",
                format!("{} on {} cores", self.load.0, self.load.1),
            ),
        ];
        for (figure, value) in lines {
            table.row([figure.to_owned(), value]);
        }
        table.lines()
    }

    fn messages(&self) -> usize {
        self.sent.receipted.len()
    }

    fn each(&self, total: f64) -> f64 {
        rounded(total / self.messages() as f64)
    }
}

/// The least wait that `percent` of all did not exceed, milliseconds. `sorted` is in order.
fn percentile_ms(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    let took = sorted.get(place).copied().unwrap_or_default();
    rounded(took.as_secs_f64() * 1000.0)
}

/// To thousandths.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_wait_that_was_measured() {
        let waits: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile_ms(&waits, 50), 100.0);
        assert_eq!(percentile_ms(&waits, 99), 198.0);
        assert_eq!(percentile_ms(&waits[..1], 99), 1.0);
        assert_eq!(percentile_ms(&[], 50), 0.0);
    }
}
