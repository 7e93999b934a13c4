//! `entente bench exchange` as a user calls it: two real node processes, every act present exactly once.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn memorandum(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(folder)
}

fn measured(folder: &str, dir: &Path) -> Value {
    let said = Command::new(env!("CARGO_BIN_EXE_entente"))
        .args([
            "bench",
            "exchange",
            "--messages",
            "20",
            "--concurrency",
            "4",
        ])
        .args(["--bytes", "1500", "--facts", "3", "--json", "--memorandum"])
        .arg(memorandum(folder))
        .arg("--dir")
        .arg(dir)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{told}");
    serde_json::from_slice(&said.stdout).unwrap()
}

#[test]
fn every_act_is_present_exactly_once_and_every_figure_is_there() {
    // The shipped memorandum and that of two invented States: the act is found, not named.
    for folder in ["memorandum", "tests/second/memorandum"] {
        let dir = tempfile::tempdir().unwrap();
        let report = measured(folder, dir.path());
        assert_eq!(report["messages"], 20, "{report:#}");
        assert_eq!(report["receipts_verified"], 20);
        assert_eq!(report["present_once"], 24, "the warm-up is counted too");
        assert_eq!(report["sender_entries"], 24);
        assert_eq!(report["receiver_entries"], 24);
        let figures = [
            "messages_per_second",
            "p50_ms",
            "p95_ms",
            "p99_ms",
            "cpu_ms_per_message",
            "wire_bytes_per_message",
            "commits_per_message",
            "sender_peak_memory_bytes",
            "receiver_peak_memory_bytes",
        ];
        for figure in figures {
            assert!(
                report[figure].as_f64().is_some_and(|value| value > 0.0),
                "{figure}: {report:#}"
            );
        }
        let left = std::fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, 0, "the data folders are removed");
    }
}

#[test]
fn what_cannot_be_measured_is_misuse_and_says_so() {
    let said = Command::new(env!("CARGO_BIN_EXE_entente"))
        .args(["bench", "exchange", "--messages", "0"])
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(2));
}
