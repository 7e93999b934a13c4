//! The points over which a red line is proven: what each fact may hold, as far as the two texts can tell.

use cedar_policy::{EntityUid, RestrictedExpression};

use crate::policy::internal::{ANSWERS, Kind, Vocabulary, uid};

/// What one fact holds: the value for Cedar, and in words.
pub(super) type Holding = (RestrictedExpression, String);

/// What one fact may hold.
pub(super) type Domain = Vec<Holding>;

/// More words than this in one set are not enumerated: every set of them would be tried.
const WORDS_MAX: usize = 12;

/// What a fact of this type may hold, as far as texts can tell that name these words; `None` if it cannot be enumerated.
pub(super) fn domain(vocabulary: &Vocabulary, kind: &Kind, named: &[EntityUid]) -> Option<Domain> {
    let words = |list: &str, unnamed: usize| -> Vec<(EntityUid, String)> {
        let ids = vocabulary.ids(list).into_iter();
        let known = ids.filter_map(|id| Some((vocabulary.known(list, id)?, id.to_owned())));
        let (said, unsaid): (Vec<_>, Vec<_>) =
            known.partition(|(entity, _)| named.contains(entity));
        said.into_iter()
            .chain(unsaid.into_iter().take(unnamed))
            .collect()
    };
    let one =
        |(entity, id): (EntityUid, String)| (RestrictedExpression::new_entity_uid(entity), id);
    match kind {
        Kind::Truth => {
            let truth = |truth: bool| (RestrictedExpression::new_bool(truth), truth.to_string());
            Some([false, true].map(truth).into())
        }
        Kind::Answer => Some(
            ANSWERS
                .map(|id| one((uid("Answer", id), id.to_owned())))
                .into(),
        ),
        // Two words that no text names: two facts of one list can still differ.
        Kind::Word(list) => Some(words(list, 2).into_iter().map(one).collect()),
        Kind::Words(list) => Some(words(list, 1))
            .filter(|words| words.len() <= WORDS_MAX)
            .map(|words| subsets(&words)),
        Kind::Number => None,
    }
}

/// Every set of these words.
fn subsets(words: &[(EntityUid, String)]) -> Domain {
    (0..1_usize << words.len())
        .map(|chosen| {
            let own = words
                .iter()
                .enumerate()
                .filter(|(bit, _)| chosen >> bit & 1 == 1);
            let own: Vec<&(EntityUid, String)> = own.map(|(_, word)| word).collect();
            let set = own
                .iter()
                .map(|(entity, _)| RestrictedExpression::new_entity_uid(entity.clone()));
            let ids: Vec<&str> = own.iter().map(|(_, id)| id.as_str()).collect();
            (
                RestrictedExpression::new_set(set),
                format!("[{}]", ids.join(", ")),
            )
        })
        .collect()
}

/// Every combination of one value from each domain.
pub(super) struct Points<'d> {
    domains: Vec<&'d Domain>,
    index: Option<Vec<usize>>,
}

impl<'d> Points<'d> {
    pub(super) fn of(domains: impl Iterator<Item = &'d Domain>) -> Self {
        let domains: Vec<&Domain> = domains.collect();
        let index = domains
            .iter()
            .all(|domain| !domain.is_empty())
            .then(|| vec![0; domains.len()]);
        Self { domains, index }
    }
}

impl<'d> Iterator for Points<'d> {
    type Item = Vec<&'d Holding>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.index.as_mut()?;
        let point = index
            .iter()
            .zip(&self.domains)
            .map(|(&at, domain)| &domain[at])
            .collect();
        let turn = index
            .iter_mut()
            .zip(&self.domains)
            .find_map(|(at, domain)| {
                *at = (*at + 1) % domain.len();
                (*at > 0).then_some(())
            });
        if turn.is_none() {
            self.index = None;
        }
        Some(point)
    }
}
