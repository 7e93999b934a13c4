//! `/v1/cases`: what belongs together, who answers for it, how it ended.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use entente_cooperation::{case::closing::CaseOutcome, digest::MessageId};
use entente_store::{ClockLine, InboxLine, OutboxLine, Outcome};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shell,
    asked::{Form, Sought},
    lists::{replies, told},
    problem::Problem,
    shell::{Language, apart, view},
    token::Asker,
};
use crate::{
    journal::{Kind, Line},
    link::Link,
    office::{Closed, Taken},
};

/// Which cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Closed ones too.
    #[serde(default)]
    all: bool,
    /// At most so many; 500 at most.
    limit: Option<u64>,
}

/// `GET /v1/cases`
pub async fn list(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    language: Language,
    Sought(which): Sought<Which>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let agreement = shell.node.agreement();
        let view = view(&agreement, &language);
        let limit = which.limit.unwrap_or(50).clamp(1, 500);
        let mut items = Vec::new();
        for link in shell.node.links() {
            let cases = shell
                .node
                .store
                .cases(link.id, which.all, limit)
                .map_err(unreadable)?;
            for case in &cases {
                if concerns(&shell, &link, &asker, &case.case_ref)? {
                    items.push(view.case(case));
                }
            }
        }
        Ok(shell.answer(json!({ "items": items })))
    })
    .await
}

/// `GET /v1/cases/{case}`: its acts in order, its clocks, who answers for it. Without content.
pub async fn show(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    language: Language,
    Path(case): Path<String>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        for link in shell.node.links() {
            if !concerns(&shell, &link, &asker, &case)? {
                continue;
            }
            if let Some(members) = on_link(&shell, &link, &language, &case)? {
                return Ok(shell.answer(members));
            }
        }
        Err(unknown(&case))
    })
    .await
}

/// Whether an act of the case is of an organ for which the officer acts.
fn concerns(shell: &Shell, link: &Link, asker: &Asker, case: &str) -> Result<bool, Problem> {
    let store = &shell.node.store;
    let sent = store.outbox_of_case(link.id, case).map_err(unreadable)?;
    if sent.iter().any(|line| asker.sees(Some(&line.from_organ))) {
        return Ok(true);
    }
    let received = store.inbox_of_case(link.id, case).map_err(unreadable)?;
    Ok(received
        .iter()
        .any(|line| asker.sees(line.to_organ.as_deref())))
}

fn on_link(
    shell: &Shell,
    link: &Link,
    language: &Language,
    case: &str,
) -> Result<Option<Value>, Problem> {
    let (store, agreement) = (&shell.node.store, shell.node.agreement());
    let Some(line) = store.case(link.id, case).map_err(unreadable)? else {
        return Ok(None);
    };
    let view = view(&agreement, language);
    let sent = store.outbox_of_case(link.id, case).map_err(unreadable)?;
    let received = store.inbox_of_case(link.id, case).map_err(unreadable)?;
    let clocks = store.clocks_of_case(link.id, case).map_err(unreadable)?;
    let mut acts: Vec<(Timestamp, Value)> = Vec::new();
    for line in &sent {
        acts.push((line.released_at, of_ours(shell, link, language, line)?));
    }
    for line in &received {
        let mut act = of_theirs(&view, line, &clocks);
        act["told"] = told(shell, link, &view, Some(line.outcome), &line.message)?;
        acts.push((line.received_at, act));
    }
    acts.sort_by_key(|(at, _)| *at);
    let mut members = view.case(&line);
    members["partner"] = json!(link.partner);
    members["acts"] = acts.into_iter().map(|(_, act)| act).collect();
    members["clocks"] = clocks.iter().map(|clock| view.clock(clock)).collect();
    Ok(Some(members))
}

fn of_ours(
    shell: &Shell,
    link: &Link,
    language: &Language,
    line: &OutboxLine,
) -> Result<Value, Problem> {
    let agreement = shell.node.agreement();
    let view = view(&agreement, language);
    let mut act = view.sent(line, &replies(shell, link, line)?);
    act["direction"] = json!("sent");
    act["told"] = told(shell, link, &view, line.outcome, &line.message)?;
    Ok(act)
}

fn of_theirs(view: &super::view::View<'_>, line: &InboxLine, clocks: &[ClockLine]) -> Value {
    let own: Vec<ClockLine> = clocks
        .iter()
        .filter(|clock| line.reference.as_ref() == Some(&clock.of_reference))
        .cloned()
        .collect();
    let mut act = view.received(line, &own);
    act["direction"] = json!("received");
    act
}

/// Who shall answer for a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owners {
    /// The responsible officer; without it, the officer who asks.
    officer: Option<String>,
    /// The deputy, another person.
    deputy: String,
    /// Why the duty officer hands over what another officer holds.
    reason: Option<String>,
}

/// `POST /v1/cases/{case}/owner`: a named officer and a deputy answer for every act received in the case.
///
/// What an officer holds leaves that officer's hand by the officer's own word, or by that of the duty officer with a reason (5.3).
pub async fn take(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    Path(case): Path<String>,
    Form(owners): Form<Owners>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let owner = owners
            .officer
            .clone()
            .unwrap_or_else(|| asker.officer().to_owned());
        for officer in [asker.officer(), &owner, &owners.deputy] {
            person(&shell, officer)?;
        }
        let link = link_of(&shell, &case)?;
        if !concerns(&shell, &link, &asker, &case)? {
            return Err(unknown(&case));
        }
        let received = shell
            .node
            .store
            .inbox_of_case(link.id, &case)
            .map_err(unreadable)?;
        let open = received
            .iter()
            .filter(|line| line.owner.as_ref() != Some(&owner) && line.outcome != Outcome::Refused);
        let open: Vec<&InboxLine> = open.collect();
        for line in &open {
            let holder = line
                .owner
                .as_deref()
                .filter(|holder| *holder != asker.officer());
            if let Some(holder) = holder {
                handed_over(
                    &shell,
                    &link,
                    &asker,
                    holder,
                    &case,
                    owners.reason.as_deref(),
                )?;
            }
        }
        let mut taken = Vec::new();
        for line in open {
            take_one(&shell, &link, line, &owner, &owners.deputy)?;
            taken.push(line.reference.clone());
        }
        if received.is_empty() {
            return Err(Problem::conflict(
                "nothing was received in this case, so there is nothing to take over",
            )
            .what_to_do("`entente inbox` lists what was received"));
        }
        Ok(shell.answer(
            json!({ "case": case, "owner": owner, "deputy": owners.deputy, "acts": taken }),
        ))
    })
    .await
}

/// Whether somebody else than the holder may hand a case over: the duty officer of the contact point, who says why.
fn handed_over(
    shell: &Shell,
    link: &Link,
    asker: &Asker,
    holder: &str,
    case: &str,
    reason: Option<&str>,
) -> Result<(), Problem> {
    let agreement = shell.node.agreement();
    let party = agreement.memorandum.parties.get(&link.own);
    let on_duty = party.and_then(|party| shell.node.roster.on_duty(&party.contact_point).next());
    let is_on_duty = on_duty.is_some_and(|officer| officer.id == asker.officer());
    let Some(reason) = reason
        .map(str::trim)
        .filter(|reason| is_on_duty && !reason.is_empty())
    else {
        return Err(Problem::forbidden(format!(
            "`{holder}` holds it, and hands it over by an own word"
        ))
        .what_to_do(format!(
            "let `{holder}` hand it over, or let the duty officer do it and say why with --reason"
        )));
    };
    let line = Line::new(Kind::Taken, shell.node.clock.now()).by(asker.officer());
    let line = line
        .on(link.id)
        .about(case)
        .with("from", holder)
        .with("why", reason);
    shell.node.write_down(line).map_err(unreadable)
}

/// Only a person of the roster answers for a case.
fn person(shell: &Shell, officer: &str) -> Result<(), Problem> {
    if shell
        .node
        .roster
        .officer(officer)
        .is_some_and(|officer| officer.person)
    {
        return Ok(());
    }
    Err(
        Problem::malformed(format!("`{officer}` is no person of the roster"))
            .what_to_do("name persons of roster.toml, or add them there and start the node again"),
    )
}

fn take_one(
    shell: &Shell,
    link: &Link,
    line: &InboxLine,
    owner: &str,
    deputy: &str,
) -> Result<(), Problem> {
    let message = MessageId::from(line.message);
    let taken = shell
        .node
        .take_over(link, &message, owner, Some(deputy), line.owner.as_deref());
    match taken
        .map_err(|fault| Problem::broken("the act was not taken over").detail(fault.to_string()))?
    {
        Taken::Done => Ok(()),
        Taken::SamePerson => Err(Problem::malformed(
            "the deputy is another person than the responsible officer",
        )
        .what_to_do("name two persons")),
        Taken::HeldBy(other) => Err(Problem::conflict(format!("`{other}` holds it"))
            .what_to_do("ask that officer, or try again: it may just have been handed over")),
        Taken::Unknown => Err(
            Problem::conflict("the act cannot be taken over").what_to_do(
                "an act that was refused has no officer; `entente case` shows how it stands",
            ),
        ),
    }
}

/// How a case shall end.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// The outcome.
    outcome: String,
}

/// `POST /v1/cases/{case}/closing`: the case ends, once we owe nothing in it.
pub async fn close(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    Path(case): Path<String>,
    Form(ending): Form<Ending>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let outcome: CaseOutcome = ending.outcome.parse().map_err(|_| {
            Problem::malformed(format!("`{}` is no outcome of a case", ending.outcome)).at("outcome").what_to_do(
                "choose one of: answered, answered_in_part, refused, lapsed, withdrawn, completed, without_result",
            )
        })?;
        let link = link_of(&shell, &case)?;
        let closed = shell.node.close_case(&link, asker.officer(), &case, outcome);
        match closed.map_err(|fault| Problem::broken("the case was not closed").detail(fault.to_string()))? {
            Closed::Done => Ok(shell.answer(json!({ "case": case, "outcome": outcome.word() }))),
            Closed::Unknown => Err(Problem::conflict("the case is closed already")
                .what_to_do("`entente case` with --all shows how it ended")),
            Closed::StillOpen(owed) => Err(Problem::conflict("something is still owed in this case")
                .detail(owed.join(", "))
                .member("owed", json!(owed))
                .what_to_do("answer, refuse or let lapse what is named, then close it")),
        }
    })
    .await
}

fn link_of(shell: &Shell, case: &str) -> Result<Arc<Link>, Problem> {
    for link in shell.node.links() {
        if shell
            .node
            .store
            .case(link.id, case)
            .map_err(unreadable)?
            .is_some()
        {
            return Ok(link);
        }
    }
    Err(unknown(case))
}

fn unknown(case: &str) -> Problem {
    Problem::absent(format!("no case `{case}` was opened here"))
        .what_to_do("`entente case --all` lists them")
}

fn unreadable(error: entente_store::StoreError) -> Problem {
    Problem::broken("the database cannot be read").detail(error.to_string())
}
