//! `GET /v1/metrics`: figures in the text format of Prometheus. Counts only, never a person, a case or an act.

use std::fmt::Write;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{Shell, problem::Problem, shell::apart, status};

/// Each figure: its name, what it says, the member of the status that holds it.
const FIGURES: [(&str, &str, &str); 4] = [
    (
        "entente_outbox_waiting",
        "Acts that wait for their receipt.",
        "waiting",
    ),
    (
        "entente_ledger_entries",
        "Entries of our ledger.",
        "own_entries",
    ),
    (
        "entente_ledger_mirrored_by_partner",
        "Entries of our ledger that the partner says it mirrors.",
        "mirrored_by_partner",
    ),
    (
        "entente_mirror_entries",
        "Entries of the partner's ledger that we mirror.",
        "mirror_entries",
    ),
];

/// `GET /v1/metrics`
pub async fn show(State(shell): State<Shell>) -> Result<Response, Problem> {
    let text = apart(move || {
        let links = shell.node.links();
        let partners: Result<Vec<Value>, Problem> = links
            .iter()
            .map(|link| status::partner(&shell, link))
            .collect();
        Ok(figures(&partners?) + &counters(&shell))
    })
    .await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

fn figures(partners: &[Value]) -> String {
    let mut text = String::from(
        "# HELP entente_up Whether the node answers.\n# TYPE entente_up gauge\nentente_up 1\n",
    );
    for (name, says, member) in FIGURES {
        let _ = writeln!(text, "# HELP {name} {says}\n# TYPE {name} gauge");
        for partner in partners {
            let label = partner["partner"].as_str().unwrap_or_default();
            let _ = writeln!(text, "{name}{{partner=\"{label}\"}} {}", partner[member]);
        }
    }
    let _ = writeln!(
        text,
        "# HELP entente_link_open Whether acts can cross (1), or the link waits or stands still (0).\n# TYPE entente_link_open gauge"
    );
    for partner in partners {
        let label = partner["partner"].as_str().unwrap_or_default();
        let open = u8::from(partner["state"] == "open");
        let _ = writeln!(text, "entente_link_open{{partner=\"{label}\"}} {open}");
    }
    text
}

/// What only grows while the node runs.
fn counters(shell: &Shell) -> String {
    let traffic = &shell.node.traffic;
    format!(
        "# HELP entente_store_commits_total Transactions committed.\n\
         # TYPE entente_store_commits_total counter\n\
         entente_store_commits_total {}\n\
         # HELP entente_wire_bytes_total Bytes to and from partners, TLS included.\n\
         # TYPE entente_wire_bytes_total counter\n\
         entente_wire_bytes_total{{direction=\"sent\"}} {}\n\
         entente_wire_bytes_total{{direction=\"received\"}} {}\n",
        shell.node.store.commits(),
        traffic.sent(),
        traffic.received()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn figures_name_the_partner_and_nothing_else() {
        let partner = json!({ "partner": "bb", "state": "open", "waiting": 2, "own_entries": 7,
            "mirrored_by_partner": 7, "mirror_entries": 5 });
        let text = super::figures(&[partner]);
        assert!(text.contains("entente_outbox_waiting{partner=\"bb\"} 2\n"));
        assert!(text.contains("entente_link_open{partner=\"bb\"} 1\n"));
    }
}
