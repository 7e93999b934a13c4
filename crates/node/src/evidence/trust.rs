//! Which keys a reader believes, and when they served: introductions, notices of keys, and what both say of a log.

use std::path::Path;

use entente_ledger::{
    Cosignature, Id, KeyNotice, KeyRing, LogKeys, Note, Origin, SignedHead, VerifierKey,
    notice::{Introduction, Span, Use},
};
use jiff::Timestamp;

use super::{BadEvidence, head_of, wrong};
use crate::key_notices::{BESIDE, notices_in};

/// The introductions that a reader trusts.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    /// Their keys count; no key in a folder counts without one.
    pub introductions: Vec<Introduction>,
    /// Notices of their keys, signed by the identities of the introductions.
    pub notices: Vec<String>,
    /// Whether the reader named them: each must then be of a Party of the log.
    pub named: bool,
}

impl Trusted {
    /// The same with the notices that lie beside the evidence. They prove themselves: who gave the evidence can leave some out,
    /// so whoever knows of later ones names them.
    pub(super) fn with_those_of(&self, dir: &Path) -> Self {
        let mut trusted = self.clone();
        let beside = notices_in(&dir.join(BESIDE)).into_iter();
        trusted.notices.extend(beside.map(|(_, note)| note));
        trusted
    }

    /// The keys of a Party over time; none if the reader holds no introduction of it.
    ///
    /// Fails if a notice of it is unsound, or one is missing among them.
    fn ring(&self, party: &Id, memorandum: &Id) -> Result<Option<KeyRing>, BadEvidence> {
        let introduction = self.introductions.iter().find(|introduction| {
            let who = introduction.who();
            who.memorandum == *memorandum && who.party == *party
        });
        let Some(mut ring) = introduction.map(KeyRing::of) else {
            return Ok(None);
        };
        let read = |note: &String| -> Option<(u64, String)> {
            let notice = KeyNotice::stated(note).ok()?;
            let of = notice.party() == party && notice.memorandum() == memorandum;
            of.then(|| (notice.number(), note.clone()))
        };
        let mut notices: Vec<(u64, String)> = self.notices.iter().filter_map(read).collect();
        notices.sort();
        for (_, note) in notices {
            ring.learn(&note)
                .map_err(|e| BadEvidence::Wrong(format!("a key notice of `{party}`: {e}")))?;
        }
        Ok(Some(ring))
    }
}

/// Why a log proves nothing to a third person yet: who keeps it, that nobody else saw it (`alone`), who cosigned it.
pub(super) fn lacking(
    log: &str,
    keys_known: bool,
    alone: Option<String>,
    partner_known: bool,
) -> Vec<String> {
    let unknown = (!keys_known).then(|| format!("no introduction vouches for the keys of `{log}`"));
    let cosigner = (!partner_known)
        .then(|| format!("no introduction vouches for the key that cosigned `{log}`"));
    unknown.into_iter().chain(alone.or(cosigner)).collect()
}

/// Whether the keys served when they signed: the log's at the instant of the partner's cosignature, which its keeper cannot
/// choose, else at the one that the head states; the partner's at the instant of its cosignature.
pub(super) fn in_time(
    log: &Keyed,
    note: &str,
    cosigner: Option<&VerifierKey>,
) -> Result<(), BadEvidence> {
    let Ok(head) = SignedHead::verify(note, &log.keys) else {
        return Ok(());
    };
    let note = Note::parse(note).map_err(|e| wrong(&e))?;
    let cosigned = cosigner.and_then(|key| Cosignature::find(&note, head.head(), key).ok());
    let cosigned = cosigned.map(|cosignature| cosignature.at());
    let at = cosigned.unwrap_or(head.signed_at());
    let served = |span: &Option<Span>, at: Timestamp| match span {
        Some(span) if !span.serves(at) => Err(BadEvidence::Wrong(format!(
            "a key of `{}` signed at {at}, and serves from {} until {} by notice {}",
            log.keys.origin(),
            span.from,
            span.until,
            span.number
        ))),
        _ => Ok(()),
    };
    served(&log.span, at)?;
    cosigned.map_or(Ok(()), |at| served(&log.partner_span, at))
}

/// The keys of a log, and what vouches for them.
pub(super) struct Keyed {
    pub(super) keys: LogKeys,
    /// When these keys served, if the reader knows.
    span: Option<Span>,
    /// The keys of the partner over time, if the reader holds its introduction.
    partner_ring: Option<KeyRing>,
    /// When the key served by which the partner cosigned.
    partner_span: Option<Span>,
    /// Whether the introduction of the Party that keeps it has the same keys.
    pub(super) known: bool,
    /// The key by which the partner cosigns, from its introduction.
    pub(super) partner: Option<VerifierKey>,
}

/// The keys of the log that `note` is of: those in the folder, which must be those of the introduction of that Party, if the
/// reader holds it. An introduction that the reader named must be of one of the two Parties.
pub(super) fn log_keys(
    note: &str,
    keys: &(VerifierKey, VerifierKey),
    known: &Trusted,
) -> Result<Keyed, BadEvidence> {
    let head = head_of(note)?;
    let origin: Origin = head.origin().parse().map_err(|e| wrong(&e))?;
    if origin.own() == origin.partner() {
        return Err(BadEvidence::Wrong(format!(
            "`{origin}` is no log of a link"
        )));
    }
    let (own, partner) = (origin.own().clone(), origin.partner().clone());
    let of = |party: &Id| known.ring(party, origin.memorandum());
    let (owner, other) = (of(&own)?, of(&partner)?);
    let foreign = known.introductions.iter().find(|introduction| {
        let who = introduction.who();
        who.memorandum != *origin.memorandum() || (who.party != own && who.party != partner)
    });
    if let Some(foreign) = foreign.filter(|_| known.named) {
        return Err(not_the_key(foreign.who().party.as_str()));
    }
    let signed = Note::parse(note).map_err(|e| wrong(&e))?;
    let cosigner = other.as_ref().and_then(|ring| {
        let found = signed.lines().iter().find_map(|line| ring.cosigner(line));
        // Without its line any key of it will do: it then says that there is no cosignature.
        let (key, span) = match found {
            Some((key, span)) => (key.clone(), span),
            None => {
                let span = ring
                    .spans()
                    .iter()
                    .find(|span| span.key.kind() == Use::Log)?;
                (ring.log_keys(&own, span)?.ml_dsa_44().clone(), span)
            }
        };
        Some((key, span.clone()))
    });
    let introduced = owner.as_ref().map(|ring| ring.signer(note, &partner));
    let keys = LogKeys::new(origin, keys.0.clone(), keys.1.clone()).map_err(|e| wrong(&e))?;
    if introduced
        .as_ref()
        .is_some_and(|found| found.as_ref().is_none_or(|(found, _)| *found != keys))
    {
        return Err(not_the_key(own.as_str()));
    }
    let (cosigner, partner_span) = cosigner.unzip();
    Ok(Keyed {
        keys,
        known: introduced.is_some(),
        span: introduced.flatten().map(|(_, span)| span.clone()),
        partner: cosigner,
        partner_span,
        partner_ring: other,
    })
}

fn not_the_key(party: &str) -> BadEvidence {
    BadEvidence::Wrong(format!(
        "not the key of this ledger: the introduction of `{party}` does not fit it"
    ))
}

/// The key that cosigns a log: the partner's, by its introduction if the reader holds it. Never a key of the log itself.
pub(super) fn cosigner(
    log: &Keyed,
    stated: Option<&VerifierKey>,
) -> Result<Option<VerifierKey>, BadEvidence> {
    let key = log.partner.as_ref().or(stated);
    if let (Some(ring), Some(stated)) = (&log.partner_ring, stated) {
        let partner = log.keys.origin().own();
        let spans = ring.spans().iter();
        let mut keys = spans.filter_map(|span| ring.log_keys(partner, span));
        if !keys.any(|keys| keys.ml_dsa_44() == stated) {
            return Err(not_the_key(log.keys.origin().partner().as_str()));
        }
    }
    let own = [log.keys.ed25519(), log.keys.ml_dsa_44()];
    if key.is_some_and(|key| own.iter().any(|own| own.public() == key.public())) {
        return Err(BadEvidence::Wrong(format!(
            "`{}` is cosigned by a key of its own",
            log.keys.origin()
        )));
    }
    Ok(key.cloned())
}
