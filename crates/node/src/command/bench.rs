//! `entente bench exchange`: what one exchange costs on this machine.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{
    Caller,
    answer::{Answer, Failure},
};
use crate::bench::{Exchange as Load, Size};

/// Measure on this machine.
#[derive(Debug, Args)]
pub struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Exchange(Exchange),
}

/// Measure an exchange between two real nodes: own data folders, mutual TLS, policy on both sides, durable on both.
///
/// Each message is handed in through the API, in a case of its own, and ends with its verified receipt. At the end every
/// message is looked for on both sides; the exit code is 0 only if each stands exactly once. The data folders lie in --dir, else
/// in the folder for temporary files, and are removed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente bench exchange
  entente bench exchange --messages 10000 --concurrency 64 --facts 41 --json
  entente bench exchange --dir /var/lib/entente     on the disk that counts")]
struct Exchange {
    /// How many messages.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    messages: u32,
    /// How many senders at the same time, each waiting for its receipt before its next message.
    #[arg(long, value_name = "C", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1024))]
    concurrency: u32,
    /// About how large the body of each is; what facts do not fill, a note does.
    #[arg(long, value_name = "B", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(0..=500_000))]
    bytes: u32,
    /// How many facts each holds.
    #[arg(long, value_name = "F", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=500))]
    facts: u32,
    /// The folder of the memorandum.
    #[arg(long, value_name = "MEMORANDUM", default_value = "memorandum")]
    memorandum: PathBuf,
}

impl Bench {
    /// Measures and reports.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let What::Exchange(asked) = self.what;
        let load = Load {
            messages: asked.messages as usize,
            concurrency: asked.concurrency as usize,
            size: Size {
                bytes: asked.bytes as usize,
                facts: asked.facts as usize,
            },
        };
        let dir = caller.dir.clone().unwrap_or_else(std::env::temp_dir);
        let report = load.run(&asked.memorandum, &dir)?;
        Ok(Answer::new(report.table(), report.json()))
    }
}
