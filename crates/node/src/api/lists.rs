//! `/v1/outbox`, `/v1/inbox`: lists, without content.

use axum::{Extension, Json, extract::State};
use entente_store::{Bytes32, ClockLine, InboxLine, OutboxLine, Outcome};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shell,
    asked::Sought,
    problem::Problem,
    shell::{Language, apart, view},
    token::Asker,
    view::{View, first_due},
};
use crate::link::Link;

/// The most rows of one page.
const LIMIT_MAX: u64 = 500;

/// Why an act is held until its hour.
pub(super) const TOGETHER: &str = "all acts of its kind of a day leave together, at this hour";
/// Why an act is held until the partner is heard.
pub(super) const NOT_HEARD: &str = "nothing is signed before the partner has been heard since this node started; it leaves by itself then";

/// Which page of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Only before this entry.
    before: Option<u64>,
    /// At most so many; 500 at most.
    limit: Option<u64>,
    /// Outbox: only in this state.
    state: Option<String>,
    /// Inbox: only what no officer has taken over.
    #[serde(default)]
    untaken: bool,
}

impl Page {
    fn limit(&self) -> u64 {
        self.limit.unwrap_or(50).clamp(1, LIMIT_MAX)
    }
}

/// `GET /v1/outbox`
pub async fn outbox(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    language: Language,
    Sought(page): Sought<Page>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let agreement = shell.node.agreement();
        let view = view(&agreement, &language);
        let mut items = Vec::new();
        for link in shell.node.links() {
            let lines = shell.node.store.outbox(link.id, page.before, page.limit());
            for line in lines.map_err(|_| Problem::broken("the database cannot be read"))? {
                if !asker.sees(Some(&line.from_organ)) {
                    continue;
                }
                let mut item = view.sent(&line, &replies(&shell, &link, &line)?);
                item["told"] = told(&shell, &link, &view, line.outcome, &line.message)?;
                item["partner"] = json!(link.partner);
                items.push(item);
            }
        }
        if let Some(state) = &page.state {
            items.retain(|item| item["state"] == json!(state));
        }
        let held = match page.state.as_deref() {
            None | Some("held") if page.before.is_none() => held(&shell, &view)?,
            _ => Vec::new(),
        };
        Ok(shell.answer(json!({ "held": held, "items": items })))
    })
    .await
}

/// What is held at home: it has no reference and no entry yet, and the partner knows nothing of it.
fn held(shell: &Shell, view: &View<'_>) -> Result<Vec<Value>, Problem> {
    let (node, now) = (&shell.node, shell.node.clock.now());
    let mut items = Vec::new();
    for link in node.links() {
        let held = node
            .held(&link)
            .map_err(|_| Problem::broken("what is held cannot be read"))?;
        for (held, draft) in held {
            let reason = if held.leaves_at > now {
                TOGETHER
            } else {
                NOT_HEARD
            };
            let mut item = view.held(&held, draft.act());
            item["reason"] = json!(reason);
            item["leaves_at"] = json!((held.leaves_at > now).then_some(held.leaves_at));
            item["partner"] = json!(link.partner);
            items.push(item);
        }
    }
    Ok(items)
}

/// `GET /v1/inbox`: what runs out first stands first, then the newest.
pub async fn inbox(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    language: Language,
    Sought(page): Sought<Page>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let agreement = shell.node.agreement();
        let view = view(&agreement, &language);
        let mut items = Vec::new();
        for link in shell.node.links() {
            let lines = shell.node.store.inbox(link.id, page.before, page.limit());
            for line in lines.map_err(|_| Problem::broken("the database cannot be read"))? {
                let passed_over = page.untaken && line.owner.is_some();
                if passed_over || !asker.sees(line.to_organ.as_deref()) {
                    continue;
                }
                let clocks = waiting_clocks(&shell, &link, &line)?;
                let mut item = view.received(&line, &clocks);
                item["told"] = told(&shell, &link, &view, Some(line.outcome), &line.message)?;
                item["partner"] = json!(link.partner);
                items.push((first_due(&clocks), item));
            }
        }
        items.sort_by_key(|(due, _)| (due.is_none(), *due));
        let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
        Ok(shell.answer(json!({ "items": items })))
    })
    .await
}

/// The partner's acts that answer an act of ours, oldest first.
pub(super) fn replies(
    shell: &Shell,
    link: &Link,
    line: &OutboxLine,
) -> Result<Vec<InboxLine>, Problem> {
    let (Some(case), Some(reference)) = (&line.case_ref, &line.reference) else {
        return Ok(Vec::new());
    };
    let all = shell.node.store.inbox_of_case(link.id, case);
    let mut all = all.map_err(|_| Problem::broken("the database cannot be read"))?;
    all.retain(|reply| reply.in_reply_to.as_ref() == Some(reference));
    Ok(all)
}

/// Who was told that an act was refused on receipt.
pub(super) fn told(
    shell: &Shell,
    link: &Link,
    view: &View<'_>,
    outcome: Option<Outcome>,
    message: &Bytes32,
) -> Result<Value, Problem> {
    if outcome != Some(Outcome::Refused) {
        return Ok(json!([]));
    }
    let notices = shell.node.store.notices_of(link.id, message);
    let notices = notices.map_err(|_| Problem::broken("the database cannot be read"))?;
    Ok(view.told(&notices))
}

/// The clocks that an act of the partner started.
pub(super) fn waiting_clocks(
    shell: &Shell,
    link: &Link,
    line: &InboxLine,
) -> Result<Vec<ClockLine>, Problem> {
    let Some(reference) = &line.reference else {
        return Ok(Vec::new());
    };
    let clocks = shell.node.store.clocks_of_act(link.id, reference);
    clocks.map_err(|_| Problem::broken("the database cannot be read"))
}
