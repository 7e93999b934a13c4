//! `/v1/judgements`, `/v1/acts`: a draft is judged, a draft is released, an act is read.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use entente_cooperation::{
    body::{Body, slots},
    case::word::slot,
    draft::Draft,
    judgement::Judgement,
    print::{Line as Printed, Printer, Role},
};
use entente_ledger::hex::hex;
use entente_store::{InboxLine, OutboxLine, Outcome};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shell,
    asked::{Form, Sought},
    draft::HandedIn,
    lists::{NOT_HEARD, TOGETHER, replies, told, waiting_clocks},
    patience::Patience,
    problem::Problem,
    shell::{Language, apart, view},
    token::Asker,
};
use crate::{
    agreement::Agreement,
    disk::Disk,
    fault::SendFault,
    link::Link,
    office::{Departure, SentBefore},
    reading::Reading,
};

/// Why an act is read (article 30.3): it stands in the journal.
#[derive(Clone, Debug, Deserialize)]
pub struct Why {
    why: Option<String>,
    /// Without the content nothing is read: only what lists show as well.
    #[serde(default = "yes")]
    content: bool,
}

fn yes() -> bool {
    true
}

/// `POST /v1/judgements`: judges a draft without sending it. A refusal is an answer like any other.
pub async fn judge(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    language: Language,
    Form(handed_in): Form<HandedIn>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let agreement = shell.node.agreement();
        let draft = handed_in.draft(&agreement.memorandum)?;
        let judgement = shell
            .node
            .why(asker.officer(), &draft)
            .map_err(|fault| send_fault(&shell, &language, draft.act(), fault))?;
        let verdict = view(&agreement, &language).verdict(draft.act(), &judgement);
        Ok(shell.answer(verdict))
    })
    .await
}

/// `POST /v1/acts`: judges a draft and, if it may cross, releases it, or holds it until it may leave.
///
/// With `wait`, whoever asks may wait for the receipt of what was released.
pub async fn release(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    language: Language,
    Sought(patience): Sought<Patience>,
    Form(handed_in): Form<HandedIn>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (waits, again) = (shell.clone(), patience.again);
    let (departure, mut members) = apart(move || {
        let agreement = shell.node.agreement();
        let draft = handed_in.draft(&agreement.memorandum)?;
        let act = draft.act().clone();
        if !again {
            not_before(&shell, &draft)
                .map_err(|fault| send_fault(&shell, &language, &act, fault))??;
        }
        let sent = shell
            .node
            .send(asker.officer(), draft)
            .map_err(|fault| send_fault(&shell, &language, &act, fault))?;
        let mut members = departure(&sent);
        members["act"] = json!(act.kind);
        members["act_label"] = json!(view(&agreement, &language).act(&act.kind));
        Ok((sent, members))
    })
    .await?;
    let Departure::Released(sent) = departure else {
        return Ok((StatusCode::ACCEPTED, waits.answer(members)));
    };
    if let Some(sent) = patience.receipt_of(&waits, &sent.message).await? {
        members["state"] = sent["state"].clone();
        members["receipt"] = sent["receipt"].clone();
    }
    Ok((StatusCode::CREATED, waits.answer(members)))
}

/// What became of an act that an officer sends.
fn departure(departure: &Departure) -> Value {
    match departure {
        Departure::Released(sent) => json!({
            "state": "queued", "reference": sent.reference, "message": sent.message, "entry": sent.index,
            "released_at": sent.released_at, "articles": sent.articles,
        }),
        Departure::Held(number, until) => json!({
            "state": "held", "held": number, "leaves_at": until, "reason": TOGETHER,
        }),
        Departure::Waiting(number) => {
            json!({ "state": "held", "held": number, "reason": NOT_HEARD })
        }
    }
}

/// Refuses a draft that was sent before: a retry after a lost answer, or a hand that typed twice, sends nothing twice.
fn not_before(shell: &Shell, draft: &Draft) -> Result<Result<(), Problem>, SendFault> {
    let Some(before) = shell.node.sent_before(draft)? else {
        return Ok(Ok(()));
    };
    let (sent, words) = match before {
        SentBefore::Released(line) => {
            let name = line.reference.clone();
            let words = format!(
                "{} was released at {}",
                name.unwrap_or_else(|| hex(&line.message)),
                line.released_at
            );
            (
                json!({ "state": "released", "reference": line.reference, "message": hex(&line.message), "released_at": line.released_at }),
                words,
            )
        }
        SentBefore::Held(number) => (
            json!({ "state": "held", "held": number }),
            "it is held and leaves by itself".to_owned(),
        ),
    };
    Ok(Err(Problem::conflict("this draft was sent already; nothing was sent now")
        .detail(words)
        .member("sent", sent)
        .what_to_do("`entente outbox` shows what became of it; if a second act is meant, say so: `entente send DRAFT --again`, or `again=true` in the query")))
}

/// What whoever handed a draft in is told when it did not leave.
fn send_fault(
    shell: &Shell,
    language: &Language,
    act: &entente_cooperation::act::Act,
    fault: SendFault,
) -> Problem {
    let agreement = shell.node.agreement();
    match fault {
        SendFault::Refused(judgement) => {
            let verdict = view(&agreement, language).verdict(act, &judgement);
            Problem::refused(
                "the memorandum does not let this act cross; nothing left",
                shell.answer(verdict).0,
            )
        }
        SendFault::NotForOrgan(officer, organ) => Problem::forbidden(format!("`{officer}` does not act for `{organ}`"))
            .what_to_do("send it in the name of an organ of this officer, or let an officer of that organ send it: roster.toml says who acts for whom"),
        SendFault::NobodyOfOurs(name) => Problem::malformed(format!("`{name}` is no person of the roster, and an acknowledgement names one"))
            .what_to_do("name a person of roster.toml as `signed:` and the identifier"),
        SendFault::Unwritable(malformed) => Problem::malformed("the act cannot be written")
            .detail(malformed.to_string())
            .at(malformed.pointer)
            .what_to_do("correct the slot that is named"),
        SendFault::NoSuchFact { unknown, known } => {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Problem::malformed("the act names facts that the case does not hold")
                .detail(unknown.join(", "))
                .at(slot::FACTS_CONCERNED)
                .what_to_do(format!("name facts of this case that crossed; these are there: {known}"))
        }
        SendFault::Draft(faults) => Problem::malformed("the draft has faults")
            .detail(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
            .what_to_do("correct what is named"),
        SendFault::Starting => Problem::conflict("the partner has not been heard since this node started, so nothing is signed yet")
            .what_to_do("wait until the partner's node answers (`entente doctor` says when), then send again; the draft is kept"),
        SendFault::Forked => Problem::conflict("the link stands still: two histories were signed")
            .what_to_do("speak with the partner's operator; `entente doctor` names the place, the evidence is kept"),
        SendFault::NoKey => Problem::conflict("no seal key of the partner serves, so nothing can be sealed for it")
            .what_to_do("ask its operator to announce a new seal key: the notice comes with its next parcel, then send again"),
        SendFault::Moved => Problem::conflict("what the judgement rested on changed while the act was being released; nothing left")
            .what_to_do("send it again; it is judged anew"),
        SendFault::NoCaseNumber(_) => Problem::malformed("the case has no number of the agreed form")
            .detail(fault.to_string())
            .at(slot::CASE)
            .what_to_do("write the Party in capitals, the year and a number, as AA-2026-000417: lists show it to people who may not read the act"),
        SendFault::NotOurs(_) => Problem::malformed("the draft is from an organ of another Party than this node's")
            .detail(fault.to_string())
            .what_to_do("name the data folder of the Party that sends with --dir; nothing was judged or sent here"),
        SendFault::NoPartner => Problem::conflict("no partner was accepted who could receive this act")
            .what_to_do("`entente peer accept FILE` with the partner's introduction, then start the node again"),
        SendFault::Desk(fault) => {
            tracing::error!(%fault, "an act was not released");
            match Disk::at_fault(&fault) {
                Some(disk) => Problem::disk("the act was not released", disk),
                None => Problem::broken("the act was not released").detail(fault.to_string()),
            }
        }
    }
}

/// One act, ours or the partner's.
enum Found {
    Sent(Box<OutboxLine>),
    Received(Box<InboxLine>),
}

/// `GET /v1/acts/{name}`: an act with its content, by reference, act id or message id. The journal keeps who read it and why.
pub async fn show(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    language: Language,
    Path(name): Path<String>,
    Sought(why): Sought<Why>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let (link, found) = find(&shell, &name)?;
        let organ = match &found {
            Found::Sent(line) => Some(line.from_organ.as_str()),
            Found::Received(line) => line.to_organ.as_deref(),
        };
        if !asker.sees(organ) {
            return Err(unknown(&name));
        }
        let (node, officer) = (&shell.node, asker.officer());
        let agreement = node.agreement();
        let view = view(&agreement, &language);
        let reason = why.why.unwrap_or_else(|| "case work".to_owned());
        let (mut members, reading) = match &found {
            Found::Sent(line) => {
                let answers = replies(&shell, &link, line)?;
                (
                    view.sent(line, &answers),
                    why.content
                        .then(|| node.read_sent(&link, officer, line, &reason)),
                )
            }
            Found::Received(line) => {
                let clocks = waiting_clocks(&shell, &link, line)?;
                (
                    view.received(line, &clocks),
                    why.content
                        .then(|| node.read_received(&link, officer, line, &reason)),
                )
            }
        };
        let (outcome, message) = match &found {
            Found::Sent(line) => (line.outcome, &line.message),
            Found::Received(line) => (Some(line.outcome), &line.message),
        };
        members["told"] = told(&shell, &link, &view, outcome, message)?;
        members["direction"] = json!(if matches!(found, Found::Sent(_)) {
            "sent"
        } else {
            "received"
        });
        if let Some(reading) = reading {
            members["content"] = content(&agreement, &language, reading)?;
        }
        Ok(shell.answer(members))
    })
    .await
}

/// The content in the reader's language and as typed slots; null once it is erased.
fn content(
    agreement: &Agreement,
    language: &Language,
    reading: Result<Reading, SendFault>,
) -> Result<Value, Problem> {
    match reading {
        Ok(Reading::Body(body)) => Ok(content_of(agreement, language, &body)),
        Ok(Reading::Gone) => Ok(Value::Null),
        Ok(Reading::Refused(judgement)) => Err(not_to_be_read(&judgement)),
        Err(fault) => {
            Err(Problem::broken("the content cannot be opened").detail(fault.to_string()))
        }
    }
}

/// A reading that the rules refuse to this officer.
pub(super) fn not_to_be_read(judgement: &Judgement) -> Problem {
    let article = judgement.paragraphs.first();
    let article = article.map(ToString::to_string).unwrap_or_default();
    Problem::forbidden("this officer may not read this act")
        .detail(format!("article {article}"))
        .what_to_do(
            "its responsible officer and the deputy may, both persons: `entente case CASE` names them; if nobody has the case yet, take it over with `entente take CASE --deputy OFFICER`",
        )
}

fn content_of(agreement: &Agreement, language: &Language, body: &Body) -> Value {
    let printer = Printer {
        memorandum: &agreement.memorandum,
        language: &language.0,
    };
    let lines: Vec<Value> = printer.act(body.act()).iter().map(line).collect();
    let slots = slots::write(&body.act().slots).write();
    json!({
        "lines": lines, "slots": serde_json::from_str::<Value>(&slots).unwrap_or_default(),
        "files": body.attachments().iter().map(|file| json!({
            "slot": file.slot(), "name": file.name().to_string(), "sha256": file.sha256().to_string(),
        })).collect::<Vec<_>>(),
    })
}

fn line(line: &Printed) -> Value {
    let role = match line.role {
        Role::Heading => "heading",
        Role::Field => "field",
        Role::Caveat => "caveat",
        Role::Note => "note",
    };
    json!({ "role": role, "label": line.label, "text": line.text })
}

fn find(shell: &Shell, name: &str) -> Result<(Arc<Link>, Found), Problem> {
    for link in shell.node.links() {
        if let Some(line) = sent_named(shell, &link, name)? {
            return Ok((link, Found::Sent(Box::new(line))));
        }
        if let Some(line) = received_named(shell, &link, name)? {
            return Ok((link, Found::Received(Box::new(line))));
        }
    }
    Err(unknown(name))
}

fn unknown(name: &str) -> Problem {
    Problem::absent(format!("no act `{name}` was released or received here"))
        .what_to_do("`entente inbox` and `entente outbox` list the references")
}

/// The act of the partner that bears a name: the first that counts; one that was refused, only if none counts. So an act that
/// takes the name of another never stands before it.
pub(super) fn received_named(
    shell: &Shell,
    link: &Link,
    name: &str,
) -> Result<Option<InboxLine>, Problem> {
    let broken = |_| Problem::broken("the database cannot be read");
    let mut named = shell
        .node
        .store
        .inbox_named(link.id, name)
        .map_err(broken)?;
    let counts = named
        .iter()
        .position(|line| matches!(line.outcome, Outcome::Filed | Outcome::Clarify));
    Ok(counts
        .map(|place| named.swap_remove(place))
        .or_else(|| named.pop()))
}

/// The released act of this reference, act id or message id.
pub(super) fn sent_named(
    shell: &Shell,
    link: &Link,
    name: &str,
) -> Result<Option<OutboxLine>, Problem> {
    let store = &shell.node.store;
    let broken = |_| Problem::broken("the database cannot be read");
    let named = store.outbox_named(link.id, name).map_err(broken)?.pop();
    match (named, entente_ledger::hex::unhex::<32>(name)) {
        (None, Some(message)) => store.outbox_of(link.id, &message).map_err(broken),
        (named, _) => Ok(named),
    }
}
