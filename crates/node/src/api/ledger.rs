//! `/v1/ledgers`: both ledgers of each link, checked and handed out for export. Entries hold no content.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use entente_ledger::{
    Cosignature, Entry, Hash, Head, LogKeys, Note, Opening, Salt, SignatureLine, SignedHead,
    VerifierKey,
    check::{self, Findings, Log},
};
use entente_store::StoreError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shell, asked::Sought, problem::Problem, shell::apart, token::Asker};
use crate::{
    journal::{Kind, Line},
    link::{Link, Standing, cosign, sign},
};

/// So many entries are read or handed out at once.
pub const PAGE: u64 = 4096;

/// A ledger in memory, with what vouches for it.
pub struct Held {
    /// The keys that sign it.
    pub keys: LogKeys,
    /// The key of the other Party, which cosigns it.
    pub other: entente_ledger::VerifierKey,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Those openings that are kept.
    pub openings: Vec<(u64, Opening)>,
    /// The newest signed head that covers them, with a cosignature if there is one; none while the ledger is empty.
    pub head: Option<(SignedHead, String)>,
}

/// Whose ledger of a link: ours, or our mirror of the partner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Ours.
    Own,
    /// Our mirror of the partner's.
    Mirror,
}

impl Whose {
    fn read(word: &str) -> Result<Self, Problem> {
        match word {
            "own" => Ok(Whose::Own),
            "mirror" => Ok(Whose::Mirror),
            _ => Err(Problem::absent(format!("there is no ledger `{word}`"))
                .what_to_do("ask for `own` or `mirror`")),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Whose::Own => "own",
            Whose::Mirror => "mirror",
        }
    }
}

/// From which entry on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct From {
    #[serde(default)]
    from: u64,
}

/// `GET /v1/ledgers`: both ledgers of every link, checked entry by entry.
pub async fn check(State(shell): State<Shell>) -> Result<Json<Value>, Problem> {
    apart(move || {
        let mut ledgers = Vec::new();
        for link in shell.node.links() {
            for whose in [Whose::Own, Whose::Mirror] {
                let held = held(&shell, &link, whose, None)?;
                ledgers.push(checked(&link, whose, &held));
            }
        }
        let sound = ledgers.iter().all(|ledger| ledger["faults"] == json!([]));
        Ok(shell.answer(json!({ "sound": sound, "ledgers": ledgers })))
    })
    .await
}

fn checked(link: &Link, whose: Whose, held: &Held) -> Value {
    let heads: Vec<String> = held.head.iter().map(|(_, note)| note.clone()).collect();
    let log = Log {
        keys: &held.keys,
        partner: Some(&held.other),
        entries: &held.entries,
        openings: &held.openings,
        heads: &heads,
    };
    // A ledger without an entry has no head, and nothing to be wrong.
    let findings = if held.entries.is_empty() {
        Findings::default()
    } else {
        check::check(&log)
    };
    json!({
        "partner": link.partner, "whose": whose.word(),
        "ledger": held.keys.origin().as_str(), "entries": held.entries.len(),
        "signed": findings.covered, "cosigned": findings.cosigned, "opened": findings.opened,
        "faults": findings.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// `GET /v1/ledgers/{partner}/{whose}`: size, signed head and keys, for an export.
pub async fn show(
    State(shell): State<Shell>,
    Extension(asker): Extension<Asker>,
    Path((partner, whose)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let (link, whose) = (shell.link(&partner)?, Whose::read(&whose)?);
        let held = held(&shell, &link, whose, None)?;
        let shown = Line::new(Kind::Shown, shell.node.clock.now()).by(asker.officer()).on(link.id);
        let shown = shown.with("what", format!("ledger {}", held.keys.origin()));
        shell.node.write_down(shown).map_err(|e| unreadable(&e))?;
        Ok(shell.answer(json!({
            "ledger": held.keys.origin().as_str(), "entries": held.entries.len(),
            "size": held.head.as_ref().map(|(head, _)| head.size()),
            "checkpoint": held.head.as_ref().map(|(_, note)| note),
            "vkey": held.keys.ed25519().to_string(), "vkey_mldsa44": held.keys.ml_dsa_44().to_string(),
            "vkey_partner": held.other.to_string(),
        })))
    })
    .await
}

/// `GET /v1/ledgers/{partner}/{whose}/entries`: at most [`PAGE`] entries, Base64.
pub async fn entries(
    State(shell): State<Shell>,
    Path((partner, whose)): Path<(String, String)>,
    Sought(from): Sought<From>,
) -> Result<Json<Value>, Problem> {
    apart(move || {
        let (link, whose) = (shell.link(&partner)?, Whose::read(&whose)?);
        let page = page(&shell, &link, whose, from.from)?;
        Ok(shell.answer(json!({ "from": from.from, "entries": Entry::many_to_base64(&page) })))
    })
    .await
}

fn page(shell: &Shell, link: &Link, whose: Whose, from: u64) -> Result<Vec<Entry>, Problem> {
    let store = &shell.node.store;
    let rows = match whose {
        Whose::Own => store.own_entries(link.id, from, PAGE),
        Whose::Mirror => store.mirror_entries(link.id, from, PAGE),
    };
    Ok(rows
        .map_err(|e| unreadable(&e))?
        .into_iter()
        .map(Entry::new)
        .collect())
}

/// One ledger of a link with its openings, up to its newest signed head, or up to the head that the partner cosigned if that
/// covers the entry at `covering`.
pub fn held(
    shell: &Shell,
    link: &Link,
    whose: Whose,
    covering: Option<u64>,
) -> Result<Held, Problem> {
    let head = match whose {
        Whose::Own => own_head(shell, link, covering)?,
        Whose::Mirror => mirror_head(shell, link)?,
    };
    let (keys, other) = vouching(link, whose, head.as_ref().map(|(_, note)| note.as_str()));
    let size = head.as_ref().map_or(0, |(head, _)| head.size());
    let mut held = Held {
        keys,
        other,
        entries: Vec::new(),
        openings: Vec::new(),
        head,
    };
    while (held.entries.len() as u64) < size {
        let page = page(shell, link, whose, held.entries.len() as u64)?;
        if page.is_empty() {
            break;
        }
        held.entries.extend(page);
    }
    held.entries
        .truncate(usize::try_from(size).unwrap_or(usize::MAX));
    for position in 0..held.entries.len() as u64 {
        if let Some(opening) = opening(shell, link, whose, position)? {
            held.openings.push((position, opening));
        }
    }
    Ok(held)
}

/// The keys that signed a head of one ledger of a link and the one that cosigned it; those of the introductions while nothing is
/// signed.
fn vouching(link: &Link, whose: Whose, note: Option<&str>) -> (LogKeys, VerifierKey) {
    let (own, theirs) = (link.our_keys(), link.their_keys());
    let (keys, other, signs, cosigns) = match whose {
        Whose::Own => (own, theirs, &link.ours, &link.theirs),
        Whose::Mirror => (theirs, own, &link.theirs, &link.ours),
    };
    let signer = note.and_then(|note| {
        let partner = keys.origin().partner();
        signs.read(|ring| ring.signer(note, partner).map(|(keys, _)| keys))
    });
    let cosigner = note
        .and_then(|note| Note::parse(note).ok())
        .and_then(|note| {
            cosigns.read(|ring| {
                let found = note.lines().iter().find_map(|line| ring.cosigner(line));
                found.map(|(key, _)| key.clone())
            })
        });
    (
        signer.unwrap_or_else(|| keys.clone()),
        cosigner.unwrap_or_else(|| other.ml_dsa_44().clone()),
    )
}

/// What opens an entry, if it was not erased.
pub fn opening(
    shell: &Shell,
    link: &Link,
    whose: Whose,
    position: u64,
) -> Result<Option<Opening>, Problem> {
    let store = &shell.node.store;
    let kept = match whose {
        Whose::Own => store
            .own_entry(link.id, position)
            .map(|row| row.and_then(|row| row.opening)),
        Whose::Mirror => store
            .mirror_entry(link.id, position)
            .map(|row| row.and_then(|row| row.opening)),
    };
    let kept = kept.map_err(|e| unreadable(&e))?;
    Ok(kept.map(|(salt, record)| Opening::new(Salt::new(salt), record)))
}

/// Our newest head, with the partner's cosignature if it covers it; or the head that the partner cosigned, if that covers the
/// entry at `covering`.
fn own_head(
    shell: &Shell,
    link: &Link,
    covering: Option<u64>,
) -> Result<Option<(SignedHead, String)>, Problem> {
    let (node, store) = (&shell.node, &shell.node.store);
    let turn = link.turn(store).map_err(|e| unreadable(&e))?;
    if !turn.confirmed {
        return Err(Problem::conflict(
            "nothing is signed before the partner has been heard since the start",
        )
        .what_to_do(
            "wait until the partner's node answers (`entente doctor` says when), then ask again",
        ));
    }
    let line = store.cosignature(link.id).map_err(|e| unreadable(&e))?;
    let cosigned = line
        .as_ref()
        .filter(|line| covering.is_some_and(|index| index < line.size))
        .map(|line| store.head_within(link.id, line.size))
        .transpose()
        .map_err(|e| unreadable(&e))?
        .flatten();
    let Some(row) = cosigned.or(turn.head()) else {
        return Ok(None);
    };
    let line: Option<SignatureLine> = line
        .filter(|line| line.size == row.size)
        .and_then(|line| line.line.parse().ok());
    // By the key that served when the partner cosigned: a reader holds the signature against that instant.
    let head = Head::new(link.own_origin(), row.size, Hash::new(row.root));
    let cosigned = line.as_ref().and_then(|line| {
        let key = link
            .theirs
            .read(|ring| ring.cosigner(line).map(|(key, _)| key.clone()));
        Cosignature::verify(line, &head, &key?).ok()
    });
    let at = cosigned.map_or(node.clock.now(), |cosignature| cosignature.at());
    let signer = node.signer_at(link, at).ok_or_else(keyless)?;
    let signed = sign(&signer, row);
    let note = line.map_or_else(|| signed.note().to_owned(), |line| signed.note_with(&line));
    Ok(Some((signed, note)))
}

fn keyless() -> Problem {
    Problem::conflict("no log key of ours serves now, so nothing is signed").what_to_do(
        "make a new one with `entente keys rotate log`; what was signed before stays valid",
    )
}

/// The partner's newest head that we mirrored, with our cosignature.
fn mirror_head(shell: &Shell, link: &Link) -> Result<Option<(SignedHead, String)>, Problem> {
    let turn = link.turn(&shell.node.store).map_err(|e| unreadable(&e))?;
    let Some(head) = turn.their_head().cloned() else {
        return Ok(None);
    };
    let at = shell
        .node
        .store
        .mirror_head(link.id)
        .map_err(|e| unreadable(&e))?
        .map(|row| row.received_at);
    let (Some(at), true) = (at, turn.standing() == Standing::Open) else {
        let note = head.note().to_owned();
        return Ok(Some((head, note)));
    };
    let signer = shell.node.signer_at(link, at).ok_or_else(keyless)?;
    let note = head.note_with(&cosign(&signer, head.head(), at));
    Ok(Some((head, note)))
}

pub(super) fn unreadable(error: &StoreError) -> Problem {
    Problem::broken("the database cannot be read").detail(error.to_string())
}
